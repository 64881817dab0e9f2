import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { inRounds } from '#server/rounds'
import { createUpstream, reasonOf, type UpstreamOptions } from '#server/telemetry/upstream/upstream'
import { SECOND } from '#shared/units'
import { createFakeClock } from '../../../../support/fake-clock'
import { startFaultServer } from '../../../../support/fault-server'

const answer = z.unknown()

async function start(options: Partial<UpstreamOptions> = {}) {
  const server = await startFaultServer((_, response) => response.setHeader('content-type', 'application/json').end('{}'))
  const clock = createFakeClock()
  const upstream = createUpstream({ source: 'prometheus', url: server.url, clock, probe: '/probe', ...options })
  onTestFinished(() => upstream.close())
  const ask = (path = '/api') => upstream.get(path, answer).then(() => 'answered', error => reasonOf(error))
  const asked = () => server.hits.filter(({ path }) => path !== '/probe').length
  return { server, clock, upstream, ask, asked, probed: () => server.hits.length - asked() }
}

describe('the breaker', () => {
  it('opens after five failures in a row, and then asks nobody’s question', async () => {
    const { server, ask, asked } = await start()
    server.play({ status: 500 })
    for (let i = 0; i < 5; i++) expect(await ask()).toBe('failing')
    const began = performance.now()
    expect([await ask(), asked()]).toEqual(['paused', 5])
    expect(performance.now() - began).toBeLessThan(20)
  })

  it('opens when half of twenty calls failed', async () => {
    const { server, ask } = await start()
    let calls = 0
    server.play(() => (calls++ % 2 ? { status: 500 } : 'none'))
    const seen = []
    for (let i = 0; i < 21; i++) seen.push(await ask())
    expect(seen.indexOf('paused')).toBe(20)
  })

  it.each([{ status: 400 }, { status: 401 }, { status: 404 }, 'huge'] as const)('does not open over %j, which is about the question', async (fault) => {
    const { server, ask } = await start({ limits: { maxBytes: 1_000 } })
    server.play(fault)
    for (let i = 0; i < 6; i++) expect(await ask()).not.toBe('paused')
  })

  it('uses a backend that is back within ten seconds, by a probe of its own', async () => {
    const { server, clock, ask, probed } = await start()
    await server.down()
    for (let i = 0; i < 5; i++) await ask()
    clock.advance(3 * SECOND)
    await expect.poll(() => ask()).toBe('paused')
    await server.up()
    for (let waited = 0; waited < 10 && await ask() !== 'answered'; waited++) {
      clock.advance(SECOND)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    expect(await ask()).toBe('answered')
    expect(probed()).toBe(1)
  })

  it('obeys a backend that asks to be left alone', async () => {
    const { server, clock, ask, probed } = await start()
    server.play({ status: 503, headers: { 'retry-after': '20' } })
    expect([await ask(), await ask()]).toEqual(['overloaded', 'paused'])
    server.play('none')
    clock.advance(19 * SECOND)
    expect([await ask(), probed()]).toEqual(['paused', 0])
    clock.advance(2 * SECOND)
    await expect.poll(() => ask()).toBe('answered')
  })

  it('says since when, from the first failure on', async () => {
    const { server, clock, upstream } = await start()
    const since = clock.now().toISOString()
    server.play({ status: 500 })
    for (let i = 0; i < 6; i++) {
      await expect(upstream.get('/api', answer)).rejects.toMatchObject({ params: { since } })
      clock.advance(SECOND / 10)
    }
  })

  it('is told by a check, which asks while it is open', async () => {
    const { server, ask, upstream } = await start()
    server.play({ status: 500 })
    for (let i = 0; i < 5; i++) await ask()
    expect(await upstream.check(get => get('/version', answer))).toMatchObject({ trouble: { params: { reason: 'failing', status: 500 } } })
    server.play('none')
    expect(await upstream.check(get => get('/version', answer))).toMatchObject({ found: {}, latency: expect.any(Number) })
    expect(await ask()).toBe('answered')
  })
})

describe('many who ask', () => {
  it('are one call where they ask the same', async () => {
    const { server, upstream, asked } = await start()
    server.play({ slow: 50 })
    const answers = await Promise.all(Array.from({ length: 32 }, () => upstream.get('/api', answer, { query: { q: 'up' } })))
    expect([new Set(answers).size, asked()]).toEqual([1, 1])
    await upstream.get('/api', answer, { query: { q: 'up' } })
    expect(asked()).toBe(2)
  })

  it('are not one where they ask another thing, in another way or with a body of their own', async () => {
    const { upstream, asked } = await start()
    await Promise.all([
      upstream.get('/api', answer), upstream.get('/api', answer, { query: { q: 1 } }), upstream.get('/api', z.object({})), upstream.find('/api', answer),
      upstream.post('/api', { q: 1 }, answer), upstream.post('/api', { q: 2 }, answer), upstream.post('/api', { q: 2 }, answer),
      upstream.post('/api', { q: 3 }, answer, { repeatable: false }), upstream.post('/api', { q: 3 }, answer, { repeatable: false }),
    ])
    expect(asked()).toBe(8)
  })

  it('may each give up without ending it for the others, and the last one ends it', async () => {
    const { server, upstream } = await start()
    server.play({ slow: 100 })
    const [first, second] = [new AbortController(), new AbortController()]
    const asked = [first, second].map(({ signal }) => upstream.get('/api', answer, { signal }).then(() => 'answered', error => error.message))
    first.abort(new Error('gone'))
    expect(await Promise.all(asked)).toEqual(['gone', 'answered'])
    server.play('hangs')
    const alone = upstream.get('/api', answer, { signal: second.signal })
    await expect.poll(server.open).toBe(1)
    second.abort(new Error('gone too'))
    await expect(alone).rejects.toThrow('gone too')
    await expect.poll(server.open).toBe(0)
  })

  it('wait for a place within their deadline, and are told when there are too many', async () => {
    const { server, upstream, ask } = await start({ limits: { deadline: 150, most: { people: 2, rounds: 1 }, mostWaiting: 1 } })
    server.play('hangs')
    const asked = [1, 2, 3, 4].map(n => ask(`/${n}`))
    expect(await asked[3]).toBe('busy')
    expect(await Promise.all(asked.slice(0, 3))).toEqual(['timeout', 'timeout', 'timeout'])
    expect(server.hits.length).toBe(2)
    server.play(({ url }) => (url === '/rounds' ? 'none' : 'hangs'))
    void ask('/5')
    void ask('/6')
    expect(await inRounds(() => upstream.get('/rounds', answer))).toEqual({})
  })

  it('says nothing against the backend where they only waited for others of ours', async () => {
    const { server, ask } = await start({ limits: { deadline: 100, most: { people: 1, rounds: 1 }, mostWaiting: 20 } })
    server.play(({ url }) => (url === '/0' ? 'hangs' : 'none'))
    expect(await Promise.all(Array.from({ length: 20 }, (_, n) => ask(`/${n}`)))).toEqual(Array.from({ length: 20 }, () => 'timeout'))
    expect(await ask('/next')).toBe('answered')
  })
})

describe('a second try', () => {
  it.each([429, 502, 503, 504])('is made once after %d, for what may be repeated', async (status) => {
    const { server, ask, asked, upstream } = await start()
    let calls = 0
    server.play(() => (calls++ ? 'none' : { status }))
    expect([await ask(), asked()]).toEqual(['answered', 2])
    calls = 0
    await expect(upstream.post('/api', {}, answer, { repeatable: false })).rejects.toMatchObject({ params: { status } })
    expect(asked()).toBe(3)
  })

  it('is made over a fresh connection when the old one was closed meanwhile', async () => {
    const { server, ask } = await start()
    expect(await ask()).toBe('answered')
    await server.down()
    await server.up()
    expect(await ask()).toBe('answered')
  })
})
