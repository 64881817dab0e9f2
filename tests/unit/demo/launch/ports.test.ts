import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refuseTakenPorts } from '../../../../demo/launch/ports.ts'
import { readSettings } from '../../../../demo/launch/settings.ts'
import { sixFreePorts } from '../../../support/free-ports.ts'

let held: Server | undefined
let demo: number
let others: number

beforeEach(async () => {
  demo = await sixFreePorts(28_000)
  others = await sixFreePorts(demo + 6)
})
afterEach(() => new Promise<unknown>(done => held ? held.close(done) : done(undefined)))

const hold = (port: number) => new Promise<void>((done) => {
  held = createServer().listen(port, '127.0.0.1', done)
})
const settings = (more: Record<string, string> = {}) => readSettings({ PORT: `${others}`, NUXT_OTLP_PORT: `${others + 1}`, NUXT_OTLP_GRPC_PORT: `${others + 2}`, DEMO_PORT: `${demo}`, ...more })

describe('a taken port', () => {
  it.each([
    ['PORT', () => others, () => `${others}`],
    ['NUXT_OTLP_PORT', () => others + 1, () => `${others + 1}`],
    ['NUXT_OTLP_GRPC_PORT', () => others + 2, () => `${others + 2}`],
    ['DEMO_PORT', () => demo, () => `${demo}`],
    ['DEMO_PORT', () => demo + 3, () => `${demo + 3} (DEMO_PORT + 3)`],
  ])('is told with its setting %s', async (setting, port, words) => {
    await hold(port())
    await expect(refuseTakenPorts(settings())).rejects.toThrow(`${setting}: port ${words()} cannot be used: another process listens on it.`)
  })

  it('of the receiver does not matter when a Collector takes its place', async () => {
    await hold(others + 1)
    await expect(refuseTakenPorts(settings({ DEMO_OTLP_ENDPOINT: 'http://127.0.0.1:1' }))).resolves.toBeUndefined()
  })

  it('is not told when all are free', async () => {
    await expect(refuseTakenPorts(settings())).resolves.toBeUndefined()
  })
})
