import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { createFakeClock } from '../../../../support/fake-clock'
import { startFaultServer } from '../../../../support/fault-server'

const answer = z.object({ asked: z.string() })

/** Answers after a moment with what it was asked, so that all of a test are under way at once. */
async function start() {
  const server = await startFaultServer((request, response, body) => setTimeout(() => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ asked: `${request.method} ${request.url} ${body}` }))
  }, 30))
  const upstream = createUpstream({ source: 'prometheus', url: server.url, clock: createFakeClock(), probe: '/probe' })
  onTestFinished(() => upstream.close())
  return { server, upstream }
}

describe('questions asked at the same time', () => {
  it.each([
    ['a hyphen', 'a-b', 'ab'], ['what follows a question mark', 'x?1', 'x?2'], ['a slash and a colon', 'a/b', 'a:b'], ['an accent', 'É', 'E'],
    ['case', 'a', 'A'], ['an encoded letter', 'a%2Fb', 'a/b'], ['a space', 'a b', 'a+b'], ['the end', 'a', 'a\u0000'],
  ])('CA-02: differ by %s and get an answer each', async (_, one, other) => {
    const { server, upstream } = await start()
    const answers = await Promise.all([one, other].flatMap(query => [
      upstream.get('/api', answer, { query: { query } }),
      upstream.post('/api', new URLSearchParams({ query }), answer),
    ]))
    const asked = [one, other].flatMap(query => [`GET /api?${new URLSearchParams({ query })} `, `POST /api ${new URLSearchParams({ query })}`])
    expect(answers.map(found => found.asked)).toEqual(asked)
    expect(server.hits).toHaveLength(4)
  })

  it('CA-02: are the same where path, query and body are, and then asked once', async () => {
    const { server, upstream } = await start()
    const ask = () => [upstream.get('/api', answer, { query: { query: 'up', step: 10 } }), upstream.post('/api', { query: 'up' }, answer)]
    const answers = await Promise.all(Array.from({ length: 8 }, ask).flat())
    expect(new Set(answers.map(found => found.asked)).size).toBe(2)
    expect(server.hits).toHaveLength(2)
  })

  it('CA-02: are not asked for who has given up already', async () => {
    const { server, upstream } = await start()
    const reason = new Error('gone')
    await expect(upstream.get('/api', answer, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(server.hits).toHaveLength(0)
  })

  it('CA-02: are not the same for one who may read less of an answer, or takes a refusal for one', async () => {
    const { server, upstream } = await start()
    await Promise.all([{}, { maxBytes: 1_000 }, { accept: [400] }].map(options => upstream.get('/api', answer, options)))
    expect(server.hits).toHaveLength(3)
  })
})
