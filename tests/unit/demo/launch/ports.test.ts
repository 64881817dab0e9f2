import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { refuseTakenPorts } from '../../../../demo/launch/ports.ts'
import { readSettings } from '../../../../demo/launch/settings.ts'

const held: Server[] = []
afterEach(async () => {
  await Promise.all(held.splice(0).map(server => new Promise(done => server.close(done))))
})

function hold(): Promise<number> {
  return new Promise((done) => {
    const server = createServer()
    held.push(server)
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port))
  })
}

async function freePort(): Promise<number> {
  const port = await hold()
  await new Promise(done => held.pop()!.close(done))
  return port
}

describe('a taken port', () => {
  it.each([
    ['PORT', (taken: number) => ({ PORT: `${taken}` }), 0],
    ['NUXT_OTLP_PORT', (taken: number) => ({ NUXT_OTLP_PORT: `${taken}` }), 0],
    ['DEMO_PORT', (taken: number) => ({ DEMO_PORT: `${taken - 3}` }), 3],
  ] as const)('is told with its setting %s', async (setting, env, offset) => {
    const taken = await hold()
    const free = { PORT: `${await freePort()}`, NUXT_OTLP_PORT: `${await freePort()}`, DEMO_PORT: `${await freePort()}` }
    await expect(refuseTakenPorts(readSettings({ ...free, ...env(taken) })))
      .rejects.toThrow(`${setting}: port ${taken}${offset ? ` (DEMO_PORT + ${offset})` : ''} cannot be used: another process listens on it.`)
  })

  it('of the receiver does not matter when a Collector takes its place', async () => {
    const taken = await hold()
    const settings = readSettings({ PORT: `${await freePort()}`, NUXT_OTLP_PORT: `${taken}`, DEMO_PORT: `${await freePort()}`, DEMO_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    await expect(refuseTakenPorts(settings)).resolves.toBeUndefined()
  })
})
