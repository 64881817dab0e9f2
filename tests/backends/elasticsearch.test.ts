import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { createSystemClock } from '#server/clock'
import { createElasticLogSource } from '#server/telemetry/elasticsearch/elastic-log-source'
import type { LogLine, LogSource } from '#server/telemetry/ports'
import { createUpstream } from '#server/telemetry/upstream/upstream'
import { start, traceIdOf, window } from '../contract/build-spans'
import { describeLogSource } from '../contract/log-source'
import { deployedForm, logForms } from '../support/log-documents'
import { ask, useLogIndices } from '../support/log-index'
import { describeWith } from './support/backends'

const nanos = (ms: number) => String(BigInt(start) * 1000n + BigInt(ms) * 1_000_000n)
const line = (ms: number, body: string, rest: Partial<LogLine> = {}): Partial<LogLine> => ({ nanos: nanos(ms), body, service: 'shop', level: 'info', ...rest })

function readingFrom(url: string, indices: string): LogSource {
  const clock = createSystemClock()
  const upstream = createUpstream({ source: 'elasticsearch', url, clock, probe: '/' })
  onTestFinished(() => upstream.close())
  return createElasticLogSource({ upstream, clock, indices, maskedKeys: ['password'] })
}

async function bodiesOf(source: LogSource, limit: number, between: (page: number) => Promise<void> = async () => {}): Promise<string[]> {
  const bodies: string[] = []
  let cursor: string | undefined
  let page = 0
  do {
    const { lines, next } = await source.search({ window, limit, ...(cursor && { cursor }) })
    bodies.push(...lines.map(entry => entry.body))
    cursor = next
    if (next) await between(++page)
  } while (cursor)
  return bodies
}

for (const product of ['elasticsearch', 'opensearch'] as const) {
  describeWith([product], `a real ${product}`, () => {
    const url = inject('backends')[product] ?? ''

    for (const [name, form] of Object.entries({ ...logForms, 'the pipeline and template of deploy/': deployedForm(product) })) {
      describe(name, () => {
        const indices = useLogIndices(url, form)
        describeLogSource(`lines of ${name}`, async lines => readingFrom(url, await indices.fill(lines)))
      })
    }

    describe('paging', () => {
      const indices = useLogIndices(url, logForms['the article\'s Logstash']!)

      it('goes on past ten thousand lines, many of them of the same time', async () => {
        const lines = Array.from({ length: 12_000 }, (_, i) => line(Math.floor(i / 700), `line ${i}`))
        const source = readingFrom(url, await indices.fill(lines))
        expect((await source.search({ window, limit: 1 })).total).toEqual({ count: 10_000, atLeast: true })
        const seen = await bodiesOf(source, 900)
        expect(seen).toHaveLength(12_000)
        expect(new Set(seen).size).toBe(12_000)
      })

      it('neither repeats nor loses a line when lines come in or are sent again meanwhile', async () => {
        const lines = Array.from({ length: 60 }, (_, i) => line(Math.floor(i / 20), `line ${i}`, { id: `id-${i}` }))
        const name = await indices.fill(lines)
        const source = readingFrom(url, name)
        const seen = await bodiesOf(source, 7, async (page) => {
          await indices.add(name, [line(30_000 + page, `late ${page}`)])
          if (page === 2) await ask(url, 'POST', `/${name}/_update_by_query?refresh=true`).catch(() => undefined)
        })
        expect(seen.toSorted()).toEqual(lines.map(({ body }) => body).toSorted())
      })

      it('goes on after its point in time was taken away', async () => {
        const source = readingFrom(url, await indices.fill(Array.from({ length: 50 }, (_, i) => line(Math.floor(i / 25), `line ${i}`))))
        const seen = await bodiesOf(source, 8, async () => {
          if (product === 'opensearch') await ask(url, 'DELETE', '/_search/point_in_time/_all')
          // Another process, or the same after a new start, knows none of the keys.
        })
        expect(new Set(seen).size).toBe(50)
      })

      it('reads on from a cursor that another process gave out', async () => {
        const name = await indices.fill(Array.from({ length: 30 }, (_, i) => line(0, `line ${i}`)))
        const first = await readingFrom(url, name).search({ window, limit: 10 })
        const second = await readingFrom(url, name).search({ window, limit: 10, cursor: first.next! })
        const third = await readingFrom(url, name).search({ window, limit: 10, cursor: second.next! })
        expect(new Set([first, second, third].flatMap(page => page.lines.map(({ body }) => body))).size).toBe(30)
        expect(third.next).toBeUndefined()
        expect(second.total).toEqual({ count: 30, atLeast: false })
      })
    })

    describe('indices side by side', () => {
      const flat = useLogIndices(url, logForms['the article\'s Logstash']!, `mixed-${process.pid}-a`)
      const streams = useLogIndices(url, logForms['the exporter in its own mode']!, `mixed-${process.pid}-b`)
      const found = useLogIndices(url, logForms['Logstash without a template']!, `mixed-${process.pid}-c`)
      const counted = useLogIndices(url, logForms['a logger of Node.js']!, `mixed-${process.pid}-d`)

      it('are one list, filtered and counted alike, whatever their fields are called', async () => {
        const lines = (from: string): Partial<LogLine>[] => [line(1, `${from} paid`, { level: 'error', traceId: traceIdOf(1), service: 'Pay' }), line(2, `${from} noise`, { level: 'debug', attributes: { 'order.id': 'A-1' } })]
        await Promise.all([flat.fill(lines('flat')), streams.fill(lines('stream')), found.fill(lines('found')), counted.fill(lines('node'))])
        const source = readingFrom(url, `mixed-${process.pid}-*`)
        const bodies = async (query: object) => {
          const page = await source.search({ window, limit: 50, ...query })
          expect(page.warnings).toEqual([])
          return page.lines.map(({ body }) => body).toSorted()
        }
        expect(await bodies({ level: 'warn' })).toEqual(['flat paid', 'found paid', 'node paid', 'stream paid'])
        expect(await bodies({ services: ['pay'] })).toEqual(['flat paid', 'found paid', 'node paid', 'stream paid'])
        expect(await bodies({ text: 'noi' })).toEqual(['flat noise', 'found noise', 'node noise', 'stream noise'])
        expect(await bodies({ attributes: [{ key: 'order.id', value: 'A-1' }] })).toEqual(['flat noise', 'found noise', 'node noise', 'stream noise'])
        expect((await source.ofTrace(traceIdOf(1), 10)).lines).toHaveLength(4)
        expect((await source.histogram({ window, limit: 1 }, 60_000)).steps).toEqual([{ at: new Date(start / 1000), counts: { debug: 4, error: 4 } }])
      })

      it('are told apart on the page of sources, with what does not fit together', async () => {
        const health = await readingFrom(url, `mixed-${process.pid}-*`).check()
        expect(health.trouble).toBeUndefined()
        expect(health.version).toMatch(product === 'opensearch' ? /^OpenSearch \d/ : /^Elasticsearch \d/)
        const codes = health.found!.map(({ code }) => code)
        expect(codes).toEqual(expect.arrayContaining(['log_time_nanos', 'log_message', 'log_trace', 'log_service', 'log_level', 'log_conflict', 'log_cluster', 'log_indices']))
        expect(Math.abs(health.clockAhead!)).toBeLessThan(60_000)
      })
    })

    describe('what is not there', () => {
      const indices = useLogIndices(url, logForms['the article\'s Logstash']!)

      it('is explained: no index of that name', async () => {
        const source = readingFrom(url, 'nobody-writes-here-*')
        expect(await source.search({ window, limit: 10 })).toMatchObject({ lines: [], total: { count: 0, atLeast: false }, warnings: [{ source: 'elasticsearch', code: 'no_index' }] })
        expect(await source.histogram({ window, limit: 1 }, 60_000)).toMatchObject({ steps: [], commonest: [] })
        expect(await source.check()).toMatchObject({ state: 'idle', found: [{ code: 'log_no_index' }, { code: 'log_cluster' }] })
      })

      it('is no trouble while its first line makes it', async () => {
        const prefix = `opening-${process.pid}`
        const source = readingFrom(url, `${prefix}-*`)
        const seen = new Set<string>()
        let making = true
        const look = async () => {
          while (making) {
            await Promise.all([source.search({ window, limit: 5 }), source.check({ anew: true })].map(asked => asked.then(
              answer => 'trouble' in answer && answer.trouble ? seen.add(String(answer.trouble.reason)) : undefined,
              (error: { params?: { reason?: string } }) => seen.add(error.params?.reason ?? String(error)),
            )))
          }
        }
        const looking = [look(), look()]
        for (let i = 0; i < 12; i++) {
          await ask(url, 'POST', `/${prefix}-${i}/_doc`, { '@timestamp': new Date(start / 1000).toISOString(), 'message': 'first' })
          await ask(url, 'DELETE', `/${prefix}-${i}`)
        }
        making = false
        await Promise.all(looking)
        // On a machine with much else to do it may be slow as well; none of these is it.
        expect(['not_found', 'rejected', 'overloaded', 'failing', 'bad_answer'].filter(reason => seen.has(reason))).toEqual([])
      })

      it('is not reached by an id that somebody made up', async () => {
        const name = await indices.fill([line(0, 'ours')])
        const other = await indices.fill([line(0, 'theirs', { id: 'secret' })])
        const made = Buffer.from(JSON.stringify([other, 'secret'])).toString('base64url')
        expect(await readingFrom(url, other).line(made)).toMatchObject({ body: 'theirs' })
        expect(await readingFrom(url, name).line(made)).toBeUndefined()
      })

      it('takes a closed index for one that is away', async () => {
        const name = await indices.fill([line(0, 'open')])
        await ask(url, 'POST', `/${name}/_close`)
        const source = readingFrom(url, name)
        expect((await source.search({ window, limit: 10 })).lines).toEqual([])
        expect((await source.check()).found).toContainEqual({ code: 'log_closed', params: { count: 1 } })
      })

      it('does not find out a masked value by asking for it', async () => {
        const source = readingFrom(url, await indices.fill([line(0, 'sign-in', { attributes: { 'user.password': 'hunter2', 'user.name': 'kim' } })]))
        expect((await source.search({ window, limit: 10, attributes: [{ key: 'user.name', value: 'kim' }] })).lines[0]!.attributes).toEqual({ user_password: '[masked]', user_name: 'kim' })
        expect((await source.search({ window, limit: 10, attributes: [{ key: 'user.password', value: 'hunter2' }] })).lines).toEqual([])
      })
    })

    describe('an alias', () => {
      const indices = useLogIndices(url, logForms['the article\'s Logstash']!)

      it('reads like the indices behind it, also those that come later', async () => {
        const first = await indices.fill([line(0, 'first')])
        const alias = `${first}-alias`
        await ask(url, 'POST', '/_aliases', { actions: [{ add: { index: first, alias } }] })
        const source = readingFrom(url, alias)
        expect((await source.search({ window, limit: 10 })).lines.map(({ body }) => body)).toEqual(['first'])
        const second = await indices.fill([line(1, 'second')])
        await ask(url, 'POST', '/_aliases', { actions: [{ add: { index: second, alias } }] })
        expect((await source.search({ window, limit: 10 })).lines.map(({ body }) => body)).toEqual(['second', 'first'])
      })

      it('is read without those behind it that are closed', async () => {
        const [shut, open] = [await indices.fill([line(0, 'shut')]), await indices.fill([line(1, 'open')])]
        const alias = `${open}-alias`
        await ask(url, 'POST', '/_aliases', { actions: [{ add: { indices: [shut, open], alias } }] })
        await ask(url, 'POST', `/${shut}/_close`)
        const { lines, warnings } = await readingFrom(url, alias).search({ window, limit: 10 })
        expect(lines.map(({ body }) => body)).toEqual(['open'])
        expect(warnings).toEqual([])
      })
    })
  })
}
