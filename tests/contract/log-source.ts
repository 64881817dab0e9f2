import { describe, expect, it } from 'vitest'
import type { LogLine, LogQuery, LogSource } from '#server/telemetry/ports'
import { idOf, start, traceIdOf, window } from './build-spans'

const everything: LogQuery = { window, limit: 50 }
const nanos = (ms: number, rest = 0) => (BigInt(start) * 1000n + BigInt(ms) * 1_000_000n + BigInt(rest)).toString()
const line = (ms: number, body: string, rest: Partial<LogLine> = {}): Partial<LogLine> => ({ nanos: nanos(ms), body, service: 'shop', level: 'info', ...rest })

/** What every source of logs promises. `holding` gives a source that holds exactly these lines. */
export function describeLogSource(name: string, holding: (lines: Partial<LogLine>[]) => Promise<LogSource>) {
  describe(`log source: ${name}`, () => {
    const lines = [
      line(0, 'order accepted', { attributes: { 'order.id': 'A-17' }, traceId: traceIdOf(1), spanId: idOf(1) }),
      line(10, '결제 시간 초과: 8000 ms', { level: 'error', service: 'pay', traceId: traceIdOf(1), spanId: idOf(2) }),
      line(20, 'cache refreshed', { level: 'debug' }),
      line(30, 'retrying payment', { level: 'warn', service: 'pay' }),
    ]
    const bodies = async (query: Partial<LogQuery>) => (await (await holding(lines)).search({ ...everything, ...query })).lines.map(entry => entry.body)

    it('lists the newest line first', async () => {
      expect(await bodies({})).toEqual(['retrying payment', 'cache refreshed', '결제 시간 초과: 8000 ms', 'order accepted'])
    })

    it('keeps the order of lines within one millisecond', async () => {
      const source = await holding(['c', 'a', 'd', 'b'].map(body => ({ ...line(0, body), nanos: nanos(0, body.charCodeAt(0)) })))
      expect((await source.search(everything)).lines.map(entry => entry.body)).toEqual(['d', 'c', 'b', 'a'])
    })

    it('keeps every digit of a time', async () => {
      const source = await holding([{ ...line(0, 'x'), nanos: nanos(0, 123_457) }])
      expect((await source.search(everything)).lines[0]!.nanos).toBe(nanos(0, 123_457))
    })

    it('keeps lines of the very same time', async () => {
      const source = await holding(Array.from({ length: 30 }, (_, i) => line(0, `line ${i}`)))
      const { lines } = await source.search(everything)
      expect(new Set(lines.map(entry => entry.body)).size).toBe(30)
      expect(new Set(lines.map(entry => entry.nanos))).toEqual(new Set([nanos(0)]))
    })

    it.each<[string, Partial<LogQuery>, string[]]>([
      ['a word', { text: 'accepted' }, ['order accepted']],
      ['the beginning of a word', { text: 'acc' }, ['order accepted']],
      ['two words in any order', { text: 'payment retry' }, ['retrying payment']],
      ['a Korean word of two syllables', { text: '결제' }, ['결제 시간 초과: 8000 ms']],
      ['a word in another case', { text: 'CACHE' }, ['cache refreshed']],
      ['a word that does not occur', { text: 'nowhere' }, []],
      ['a level and worse', { level: 'warn' }, ['retrying payment', '결제 시간 초과: 8000 ms']],
      ['services', { services: ['PAY'] }, ['retrying payment', '결제 시간 초과: 8000 ms']],
      ['a service nobody knows', { services: ['nobody'] }, []],
      ['a trace', { traceId: traceIdOf(1) }, ['결제 시간 초과: 8000 ms', 'order accepted']],
      ['a span', { traceId: traceIdOf(1), spanId: idOf(1) }, ['order accepted']],
      ['an attribute', { attributes: [{ key: 'order.id', value: 'A-17' }] }, ['order accepted']],
      ['a word and a level', { text: 'payment', level: 'error' }, []],
      ['a window', { window: { from: window.from, to: new Date(start / 1000 + 10) } }, ['order accepted']],
    ])('finds by %s', async (_, query, expected) => {
      expect(await bodies(query)).toEqual(expected)
    })

    it('takes whatever is typed as words, never as a language', async () => {
      for (const text of ['"', '\' or 1=1', 'a AND', '*', 'NEAR(', 'body:x', '-', '(', 'a"b', '\0']) expect(Array.isArray(await bodies({ text }))).toBe(true)
    })

    it('pages without a gap or a repeat', async () => {
      const source = await holding(Array.from({ length: 23 }, (_, i) => line(Math.floor(i / 5), `line ${i}`)))
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await source.search({ ...everything, limit: 5, ...(cursor && { cursor }) })
        seen.push(...page.lines.map(entry => entry.body))
        cursor = page.next
      } while (cursor)
      expect(seen.toSorted()).toEqual(Array.from({ length: 23 }, (_, i) => `line ${i}`).toSorted())
    })

    it('says how many match', async () => {
      const source = await holding(lines)
      expect((await source.search({ ...everything, limit: 1 })).total).toEqual({ count: 4, atLeast: false })
      expect((await source.search({ ...everything, limit: 1, services: ['pay'] })).total).toEqual({ count: 2, atLeast: false })
    })

    it('counts by level and step, and names the commonest messages', async () => {
      const source = await holding([...lines, line(60_000, 'order accepted'), line(60_001, 'took 12 ms'), line(60_002, 'took 15 ms')])
      const { steps, commonest } = await source.histogram(everything, 60_000)
      expect(steps).toEqual([
        { at: new Date(start / 1000), counts: { debug: 1, info: 1, warn: 1, error: 1 } },
        { at: new Date(start / 1000 + 60_000), counts: { info: 3 } },
      ])
      expect(commonest.slice(0, 2).toSorted((a, b) => a.message.localeCompare(b.message))).toEqual([{ message: 'order accepted', count: 2 }, { message: 'took {} ms', count: 2 }])
      const pay = await source.histogram({ ...everything, services: ['pay'] }, 60_000)
      expect(pay.steps).toEqual([{ at: new Date(start / 1000), counts: { warn: 1, error: 1 } }])
    })

    it('gives the lines of a trace in the order of time, and says when there are more', async () => {
      const source = await holding(lines)
      expect((await source.ofTrace(traceIdOf(1), 10)).lines.map(entry => entry.body)).toEqual(['order accepted', '결제 시간 초과: 8000 ms'])
      expect((await source.ofTrace(traceIdOf(1), 1)).more).toBe(true)
      expect(await source.ofTrace(traceIdOf(9), 10)).toEqual({ lines: [], more: false, warnings: [] })
      expect(await source.ofTrace('nonsense', 10)).toEqual({ lines: [], more: false, warnings: [] })
    })

    it('gives the lines of several traces at once, for the spans that wrote them', async () => {
      const source = await holding([
        ...lines, line(40, 'of another', { traceId: traceIdOf(2), spanId: idOf(3) }), line(50, 'not asked for', { traceId: traceIdOf(3), spanId: idOf(4) }),
        line(60, 'of no span', { traceId: traceIdOf(2) }), line(700_000, 'after the window', { traceId: traceIdOf(2), spanId: idOf(3) }),
      ])
      const question = { traceIds: [traceIdOf(2), traceIdOf(1), 'f'.repeat(32)], window, longest: 100 }
      const { lines: found, more } = await source.ofTraces({ ...question, limit: 100 })
      expect(found.map(({ body, traceId, spanId, service, level }) => [body, traceId, spanId, service, level]).toSorted()).toEqual([
        ['of another', traceIdOf(2), idOf(3), 'shop', 'info'], ['order accepted', traceIdOf(1), idOf(1), 'shop', 'info'], ['결제 시간 초과: 8000 ms', traceIdOf(1), idOf(2), 'pay', 'error'],
      ].toSorted())
      expect(more).toBe(false)
      expect(await source.ofTraces({ ...question, limit: 2 })).toMatchObject({ more: true, lines: [expect.anything(), expect.anything()] })
      expect((await source.ofTraces({ ...question, traceIds: [], limit: 2 })).lines).toEqual([])
      const cut = await source.ofTraces({ ...question, limit: 100, longest: 5 })
      expect(cut.lines.map(({ body }) => body).toSorted()).toEqual(['of an', 'order', '결제 시간'].toSorted())
    })

    it('gives one line in full', async () => {
      const source = await holding([line(0, 'x', { attributes: { a: 1, b: ['c'] }, resource: { 'host.name': 'h1' }, scope: 'log4j', levelText: 'INFORMATION' })])
      const [found] = (await source.search(everything)).lines
      expect(await source.line(found!.id)).toMatchObject({ body: 'x', attributes: { a: 1, b: ['c'] }, resource: { 'host.name': 'h1' }, scope: 'log4j', levelText: 'INFORMATION', service: 'shop' })
      expect(await source.line('12')).toBeUndefined()
      expect(await source.line('nonsense')).toBeUndefined()
    })
  })
}
