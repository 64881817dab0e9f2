import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, it } from 'vitest'
import { startRunning } from '../../../support/running-telemetry'

/** How gladly each thread of this process gives way, as Linux counts it. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map(id => Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[16]))
}

it.runIf(process.platform === 'linux')('what takes telemetry in gives way to pages: three threads, and not the one that reads for them', async () => {
  const usual = getPriority()
  expect(niceness().every(nice => nice === usual)).toBe(true)
  const { close } = await startRunning()
  expect(niceness().filter(nice => nice > usual)).toHaveLength(3)
  await close()
})
