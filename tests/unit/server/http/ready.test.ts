import { describe, expect, it, vi } from 'vitest'
import ready from '#server/api/ready.get'
import { drain } from '#server/http/drain'
import { log } from '#server/http/log'
import { createTestAccess } from '../../../support/access'
import { startApp } from '../../../support/http-app'

const sources = [{ signal: 'traces', source: 'embedded', state: 'failed', latency: 1, lastReceived: null, trouble: { reason: 'refused', address: 'http://backend:9411' } }]

async function start() {
  vi.spyOn(log, 'info').mockImplementation(() => {})
  vi.spyOn(log, 'error').mockImplementation(() => {})
  const { access, clock } = await createTestAccess()
  const services = { access, clock, monitoring: { sourceHealth: { read: async () => sources } } }
  return { access, ...await startApp({ 'GET /api/ready': ready }, services as never) }
}

describe('GET /api/ready', () => {
  it('says yes while the control file works, with each source by its state and nothing else', async () => {
    const { ask } = await start()
    const answer = await ask('/api/ready')
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({ status: 'ready', sources: [{ signal: 'traces', source: 'embedded', state: 'failed', lastReceived: null }] })
  })

  it('fails when the control file does', async () => {
    const { ask, access } = await start()
    vi.spyOn(access.links, 'isSetUp').mockImplementation(() => { throw new Error('disk I/O error') })
    expect((await ask('/api/ready')).status).toBe(500)
  })

  // Last: a process drains once.
  it('answers 503 once the process drains', async () => {
    const { ask } = await start()
    await drain()
    const answer = await ask('/api/ready')
    expect(answer.status).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'app.draining' })
  })
})
