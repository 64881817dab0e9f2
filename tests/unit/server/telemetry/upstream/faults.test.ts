import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { bearer } from '#server/telemetry/upstream/credentials'
import { createUpstream, reasonOf, type UpstreamOptions } from '#server/telemetry/upstream/upstream'
import { AppError } from '#shared/errors'
import { catalogues } from '#shared/text/catalogues'
import { createText } from '#shared/text/text'
import { cureSentence, errorSentence, troubleReasons } from '#shared/source-trouble'
import { createFakeClock } from '../../../../support/fake-clock'
import { startFaultServer, type Fault } from '../../../../support/fault-server'
import { freePort } from '../../../../support/running-telemetry'
import { selfSigned } from '../../../../support/self-signed'

const answer = z.object({ data: z.array(z.number()) })
const limits = { deadline: 400, streamDeadline: 400, maxBytes: 1024 * 1024 }

function upstreamTo(url: string, options: Partial<UpstreamOptions> = {}) {
  const upstream = createUpstream({ source: 'zipkin', url, clock: createFakeClock(), probe: '/health', limits, ...options })
  onTestFinished(() => upstream.close())
  return upstream
}

async function refusal(ask: Promise<unknown>): Promise<AppError> {
  const error = await ask.then(value => expect.fail(`answered ${JSON.stringify(value)}`), error => error)
  expect(error).toBeInstanceOf(AppError)
  expect(error.code).toBe('source.unavailable')
  return error
}

describe('what a backend may do', () => {
  it.each<[Fault, string]>([
    ['hangs', 'timeout'],
    ['drip', 'timeout'],
    [{ slow: 2_000 }, 'timeout'],
    ['half', 'cut_off'],
    ['closes', 'cut_off'],
    ['html', 'wrong_content'],
    ['not_http', 'bad_answer'],
    ['garbage', 'bad_answer'],
    ['wrong_shape', 'bad_answer'],
    ['huge', 'too_large'],
    ['bomb', 'too_large'],
    ['redirect', 'redirect'],
    [{ status: 400 }, 'rejected'],
    [{ status: 401 }, 'unauthorised'],
    [{ status: 403 }, 'forbidden'],
    [{ status: 404 }, 'not_found'],
    [{ status: 429 }, 'overloaded'],
    [{ status: 500 }, 'failing'],
    [{ status: 503, headers: { 'retry-after': '30' } }, 'overloaded'],
    [{ status: 200, headers: { 'content-type': 'application/json', 'content-encoding': 'br' } }, 'wrong_content'],
  ])('%j ends as %s, in time', async (fault, reason) => {
    const server = await startFaultServer()
    server.play(fault)
    const began = performance.now()
    const error = await refusal(upstreamTo(server.url).get('/api', answer))
    expect(error.params).toMatchObject({ source: 'zipkin', reason })
    expect(performance.now() - began).toBeLessThan(limits.deadline + 400)
  })

  it('reads what is well, compressed or not', async () => {
    const server = await startFaultServer({ '/api': { data: [1, 2] } })
    expect(await upstreamTo(server.url).get('/api', answer)).toEqual({ data: [1, 2] })
    expect(server.hits[0]!.headers['accept-encoding']).toBe('gzip')
  })

  it('says that nobody listens', async () => {
    expect((await refusal(upstreamTo(`http://127.0.0.1:${await freePort()}`).get('/api', answer))).params.reason).toBe('refused')
  })

  it('says that a name is unknown', async () => {
    const began = performance.now()
    expect((await refusal(upstreamTo('http://no-such-host.invalid').get('/api', answer))).params.reason).toMatch(/unknown_host|timeout/)
    expect(performance.now() - began).toBeLessThan(800)
  })

  it('trusts the authority it was given, and no other', async () => {
    const { key, cert } = selfSigned()
    const server = createServer({ key, cert }, (_, response) => response.setHeader('content-type', 'application/json').end('{"data":[]}'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await refusal(upstreamTo(url).get('/api', answer))).params.reason).toBe('tls')
    expect(await upstreamTo(url, { ca: cert }).get('/api', answer)).toEqual({ data: [] })
    expect((await refusal(upstreamTo(url.replace('https', 'http')).get('/api', answer))).params.reason).toMatch(/cut_off|bad_answer/)
  })

  it('cuts a body of a gigabyte at its limit, and keeps nothing of it', async () => {
    const server = await startFaultServer()
    server.play('huge')
    const upstream = upstreamTo(server.url, { limits: { maxBytes: 16 * 1024 * 1024 } })
    const before = process.memoryUsage().rss
    for (let i = 0; i < 3; i++) expect(reasonOf(await refusal(upstream.get('/api', answer)))).toBe('too_large')
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
    await expect.poll(server.open, { timeout: 5_000 }).toBe(0)
  })

  it('frees what hangs, however often it is asked', async () => {
    const server = await startFaultServer()
    server.play('hangs')
    const clock = createFakeClock()
    const upstream = upstreamTo(server.url, { clock, limits: { ...limits, deadline: 50 } })
    for (let i = 0; i < 40; i++) {
      await Promise.allSettled(Array.from({ length: 25 }, (_, j) => upstream.get(`/api/${j}`, answer)))
      clock.advance(60_000)
    }
    await expect.poll(server.open, { timeout: 5_000 }).toBe(0)
    expect(server.sockets()).toBeLessThanOrEqual(11)
  })

  it('hands a body over as it arrives, and nothing of one that is not there', async () => {
    const server = await startFaultServer({ '/trace': Array.from({ length: 20_000 }, (_, i) => i) })
    const upstream = upstreamTo(server.url)
    const length = async (body: AsyncIterable<Buffer>) => (await Array.fromAsync(body)).reduce((sum, chunk) => sum + chunk.length, 0)
    expect(await upstream.stream('/trace', length)).toBe(JSON.stringify(Array.from({ length: 20_000 }, (_, i) => i)).length)
    // Compressing takes a backend longer than sending.
    expect(server.hits[0]!.headers['accept-encoding']).toBe('identity')
    expect(await upstream.stream('/other', length)).toBeUndefined()
    expect(reasonOf(await refusal(upstream.stream('/trace', length, { maxBytes: 1_000 })))).toBe('too_large')
    server.play('half')
    expect(reasonOf(await refusal(upstream.stream('/trace', length)))).toBe('cut_off')
  })

  it('throws what its reader throws, which is no fault of the backend', async () => {
    const server = await startFaultServer({ '/trace': [] })
    await expect(upstreamTo(server.url).stream('/trace', () => Promise.reject(new AppError('trace.id_invalid')))).rejects.toMatchObject({ code: 'trace.id_invalid' })
  })
})

describe('what nobody may see', () => {
  it('keeps credentials, address and the backend’s own words out of every error', async () => {
    const server = await startFaultServer()
    const upstream = upstreamTo(server.url, { credentials: bearer('canary-token') })
    for (const fault of ['hangs', 'half', 'html', 'garbage', 'wrong_shape', 'redirect', { status: 401 }, { status: 500 }] satisfies Fault[]) {
      server.play(fault)
      const { params, message, cause } = await refusal(upstreamTo(server.url, { credentials: bearer('canary-token') }).get('/api', answer))
      expect(JSON.stringify([params, message, cause]) + (cause as Error | undefined)?.stack).not.toMatch(/canary|secret detail/)
      expect(JSON.stringify(params)).not.toContain(String(server.port))
    }
    expect(JSON.stringify(upstream)).not.toContain('canary')
    expect(server.hits.every(({ headers }) => headers.authorization === 'Bearer canary-token')).toBe(true)
  })

  it('SF-03 follows no redirect, least of all inwards', async () => {
    const canary = await startFaultServer()
    const server = await startFaultServer((_, response) => response.writeHead(302, { location: `${canary.url}/latest/meta-data/` }).end())
    expect(reasonOf(await refusal(upstreamTo(server.url).get('/api', answer)))).toBe('redirect')
    expect(canary.hits).toEqual([])
  })

  it('IN-04 asks only for paths, whatever stands in them', async () => {
    const server = await startFaultServer({ '/base/api': { data: [] } })
    const upstream = upstreamTo(`${server.url}/base/`)
    expect(await upstream.get('/api', answer)).toEqual({ data: [] })
    for (const path of ['api', '//other', '/../admin', '/a/%2e%2e/b', '/a/..', '/a\\b', '/a?b', '/a#b', '/a b', '/a\0', '/a%2fb', '/%00', '/a//b']) {
      await expect(upstream.get(path, answer)).rejects.toThrow(RangeError)
    }
    expect(server.hits.map(({ path }) => path)).toEqual(['/base/api'])
  })
})

it('has a sentence for every reason, in both languages, that names the backend, and one for who can mend it', () => {
  for (const language of ['en', 'ko'] as const) {
    const text = createText(catalogues[language], { language, zone: 'UTC' })
    for (const reason of troubleReasons) {
      const params = { source: 'zipkin', reason, setting: 'NUXT_ZIPKIN', status: 500, component: 'ElasticsearchStorage' }
      const words = text.sentence(errorSentence(new AppError('source.unavailable', params)))
      expect(words).toContain('Zipkin')
      // Readers of pages cannot change a setting.
      expect(words).not.toMatch(/[{}]|source\.trouble|NUXT_/)
      const cure = cureSentence(params)
      if (['paused', 'busy', 'slow'].includes(reason)) expect(cure).toBeUndefined()
      else expect(text.sentence(cure!)).not.toMatch(/[{}]|source\.cure|–/)
    }
  }
})
