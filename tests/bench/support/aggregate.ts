// Our side of the aggregation benchmark, bundled before it runs: the upstream client, Zipkin's source, a shared search.
import { Pool } from 'undici'
import { z } from 'zod'
import { createSystemClock } from '#server/clock'
import { createTraceSearch } from '#server/monitoring/trace-search'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { createTraceReader } from '#server/telemetry/zipkin/trace-reader'
import { createZipkinTraceSource } from '#server/telemetry/zipkin/zipkin-trace-source'

const answer = z.object({ data: z.array(z.number()) })
const clock = createSystemClock()
const rules = { consumerAttributes: ['api.client.id'], routes: [], maskedKeys: [] }

async function times(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await run()
    took.push(performance.now() - began)
  }
  return took.toSorted((a, b) => a - b)
}

const middle = (sorted: number[]) => sorted[sorted.length >> 1]!

/** In turns, so that what else the machine does meets both. */
async function inTurns(rounds: number, count: number, ...runs: (() => Promise<unknown>)[]): Promise<number[]> {
  const all = runs.map((): number[] => [])
  for (let round = 0; round < rounds; round++) for (const [i, run] of runs.entries()) all[i]!.push(...await times(count, run))
  return all.map(each => middle(each.toSorted((a, b) => a - b)))
}

function upstreamTo(url: string) {
  return createUpstream({ source: 'zipkin', url, clock, probe: '/fast' })
}

/** p50 of one call, ms: by undici alone, and through our client. */
export async function compareCalls(url: string) {
  const pool = new Pool(url, { connections: 1 })
  const upstream = upstreamTo(url)
  const direct = async () => answer.parse(await (await pool.request({ method: 'GET', path: '/fast' })).body.json())
  const [bare, ours] = await inTurns(10, 300, direct, () => upstream.get('/fast', answer))
  await Promise.all([pool.close(), upstream.close()])
  return { bare: bare!, ours: ours! }
}

/** p50 of three backends of 20 ms asked together, against one of them asked directly. */
export async function compareFanOut(urls: string[]) {
  const pool = new Pool(urls[0]!, { connections: 1 })
  const upstreams = urls.map(upstreamTo)
  const [one, three] = await inTurns(5, 30,
    async () => (await pool.request({ method: 'GET', path: '/slow' })).body.json(),
    () => Promise.all(upstreams.map(upstream => upstream.get('/slow', answer))))
  await Promise.all([pool.close(), ...upstreams.map(upstream => upstream.close())])
  return { one: one!, three: three! }
}

const list = { range: '30m' } as const

/** `viewers` follow the same list for `seconds`; how many questions the backend got, and how often it had to be asked. */
export async function follow(url: string, { viewers, seconds }: { viewers: number, seconds: number }) {
  const upstream = upstreamTo(url)
  const reader = createTraceReader(() => rules)
  const nothing = { data: [], population: { kind: 'all' as const }, warnings: [] }
  const search = createTraceSearch({
    clock, traces: createZipkinTraceSource({ upstream, reader, clock, rules: () => rules }), register: { services: () => [], endpoints: () => [], changes: () => [] } as never,
    metrics: { name: 'prometheus', requests: async () => nothing } as never, usual: { routes: async () => new Map() } as never,
  })
  const callsOf = async () => Number(await (await fetch(`${url}/calls`)).text())
  const before = await callsOf()
  const until = performance.now() + seconds * 1_000
  let answers = 0
  let refreshes = 0
  let last: unknown
  await Promise.all(Array.from({ length: viewers }, async () => {
    while (performance.now() < until) {
      const page = await search.search(list)
      if (page !== last) refreshes++
      last = page
      answers++
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }))
  const calls = await callsOf() - before
  await Promise.all([upstream.close(), reader.close()])
  return { calls, refreshes, answers }
}

/** A trace never asked for before, against reading its bytes and nothing else; medians of `rounds`, ms. */
export async function readTrace(url: string, spans: number, rounds: number) {
  const path = `/api/v2/trace/${spans.toString(16).padStart(32, 'a')}`
  const pool = new Pool(url, { connections: 1, bodyTimeout: 0 })
  const bytes: number[] = []
  const ours: number[] = []
  let size = 0
  const upstream = upstreamTo(url)
  const reader = createTraceReader(() => rules)
  // The worker is up by the time the first reader comes.
  await createZipkinTraceSource({ upstream, reader, clock, rules: () => rules }).skeleton(''.padStart(31, 'a') + '1')
  for (let round = 0; round < rounds; round++) {
    const { took, read } = await timed(async () => {
      let all = 0
      for await (const chunk of (await pool.request({ method: 'GET', path })).body) all += (chunk as Buffer).length
      return all
    })
    size = read
    bytes.push(took)
    const source = createZipkinTraceSource({ upstream, reader, clock, rules: () => rules })
    ours.push((await timed(() => source.skeleton(path.split('/').at(-1)!))).took)
  }
  await Promise.all([pool.close(), upstream.close(), reader.close()])
  return { bytes: middle(bytes.toSorted((a, b) => a - b)), ours: middle(ours.toSorted((a, b) => a - b)), size }
}

async function timed<T>(run: () => Promise<T>): Promise<{ took: number, read: T }> {
  const began = performance.now()
  const read = await run()
  return { took: performance.now() - began, read }
}
