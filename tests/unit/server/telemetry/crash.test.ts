import { expect, it } from 'vitest'
import { bundle } from '../../../bench/support/bundle'
import { crash } from '../../../bench/support/crash'
import { temporaryFolder } from '../../../support/telemetry-store'

it('loses nothing it acknowledged when it is killed under load, three times on one file', async () => {
  const receiver = await bundle(new URL('../../../bench/support/own-receiver.ts', import.meta.url), 'crash-receiver')
  const dataDir = temporaryFolder()
  for (let round = 0; round < 3; round++) {
    const { acknowledged, lost, intact } = await crash(receiver, dataDir)
    expect(acknowledged).toBeGreaterThan(0)
    expect([lost, intact]).toEqual([0, true])
  }
}, 120_000)
