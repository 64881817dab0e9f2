import { describe, expect, it } from 'vitest'
import { createSourceHealth } from '#server/monitoring/source-health'
import { withPatience } from '#server/patience'
import type { Check, SourceHealth } from '#server/telemetry/ports'
import { SECOND } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { logSource, metricSource, traceSource } from '../../../support/telemetry-sources'

let asked: Check[] = []

function start() {
  asked = []
  const clock = createFakeClock()
  const answers: { traces: () => Promise<SourceHealth> } = { traces: async () => ({ state: 'ok', latency: 1 }) }
  const health = createSourceHealth({ clock, sources: { traces: traceSource({ name: 'zipkin', check: (how) => {
    asked.push(how!)
    return answers.traces()
  } }), metrics: metricSource(), logs: logSource() } })
  const traces = async () => (await health.read()).find(({ signal }) => signal === 'traces')!
  /** Asked as a board asks: again and again. */
  async function states(seconds: number) {
    const seen: string[] = []
    for (let second = 0; second < seconds; second++) {
      clock.advance(SECOND)
      seen.push((await traces()).state)
      await new Promise(setImmediate)
    }
    return seen
  }
  return { clock, answers, health, traces, states }
}
const ok = async (): Promise<SourceHealth> => ({ state: 'ok', latency: 1 })
const failed = async (): Promise<SourceHealth> => ({ state: 'failed', latency: 1, trouble: { source: 'zipkin', reason: 'refused' } })
const changes = (seen: string[]) => seen.filter((state, i) => i > 0 && state !== seen[i - 1]).length

describe('the state of a source', () => {
  it('follows it down at once, and up again', async () => {
    const { answers, states, traces } = start()
    await states(10)
    answers.traces = failed
    expect((await states(12)).indexOf('failed')).toBeLessThan(7)
    expect((await traces()).trouble).toMatchObject({ reason: 'refused' })
    answers.traces = ok
    expect((await states(12)).indexOf('ok')).toBeLessThan(7)
    expect((await traces()).trouble).toBeUndefined()
  })

  it.each([[1, 1], [2, 2], [4, 4], [3, 12]])('is one state and no flicker where it answers for %i s and then does not for %i', async (well, away) => {
    const { clock, answers, health, traces } = start()
    const end = health.start()
    const seen: string[] = []
    for (let second = 0; second < 120; second++) {
      answers.traces = second % (well + away) < well ? ok : failed
      clock.advance(SECOND)
      await new Promise(setImmediate)
      seen.push((await traces()).state)
    }
    end()
    // Once more where its first return was believed.
    expect(changes(seen)).toBeLessThanOrEqual(3)
    expect(seen.slice(60)).toEqual(Array.from({ length: 60 }, () => 'failed'))
  })

  it('is not waited for by a page', async () => {
    const { clock, answers, health, traces } = start()
    answers.traces = () => new Promise(() => {})
    const asked = withPatience({ clock, until: clock.monotonic() + 1_000 }, traces)
    clock.advance(SECOND)
    expect(await asked).toMatchObject({ state: 'failed', trouble: { source: 'zipkin', reason: 'slow' } })
    // Nor does that make it a source in trouble.
    expect(health.history.troubles()).toEqual([])
  })

  it('is asked anew, and believed at once, by who presses the button', async () => {
    const { answers, health, states, clock } = start()
    await states(10)
    answers.traces = failed
    expect(await health.check(['traces'])).toContainEqual(expect.objectContaining({ signal: 'traces', state: 'failed', checkedAt: clock.now().toISOString() }))
    answers.traces = ok
    await health.check(['traces'])
    // What pages ask for from then on is what the button found.
    expect(await states(3)).toEqual(['ok', 'ok', 'ok'])
    expect(asked.filter(({ anew }) => anew)).toHaveLength(2)
  })
})

describe('a source that nobody looks at', () => {
  it('is checked every few seconds, and while it is away every second', async () => {
    const { clock, answers, health } = start()
    const pass = async (seconds: number) => {
      const before = asked.length
      for (let second = 0; second < seconds; second++) {
        clock.advance(SECOND)
        await new Promise(setImmediate)
      }
      return asked.length - before
    }
    const end = health.start()
    expect(await pass(20)).toBe(5)
    answers.traces = failed
    await pass(4)
    expect(await pass(20)).toBe(20)
    // What does not answer is not asked again meanwhile.
    answers.traces = () => new Promise(() => {})
    expect(await pass(20)).toBe(1)
    end()
    expect(await pass(20)).toBe(0)
  })

  it('tells that it went away and that it is back, and nothing else', async () => {
    const { clock, answers, health } = start()
    let told = 0
    const leave = health.onChange(() => told++)
    const end = health.start()
    const within = async (seconds: number) => {
      const before = told
      for (let second = 0; second < seconds; second++) {
        clock.advance(SECOND)
        await new Promise(setImmediate)
      }
      return told - before
    }
    expect(await within(20)).toBe(0)
    answers.traces = failed
    expect(await within(5)).toBe(1)
    expect(await within(20)).toBe(0)
    answers.traces = ok
    expect(await within(4)).toBe(1)
    leave()
    answers.traces = failed
    expect(await within(30)).toBe(0)
    end()
  })
})

describe('the past of a source', () => {
  it('holds when it did not answer and for how long, and how fast it did', async () => {
    const { answers, health, clock, states } = start()
    await states(70)
    answers.traces = failed
    await states(30)
    const began = health.history.troubles()[0]
    expect(began).toMatchObject({ signal: 'traces', source: 'zipkin', state: 'failed', trouble: { reason: 'refused' } })
    expect(began!.to).toBeUndefined()
    answers.traces = async () => ({ state: 'ok', latency: 80 })
    await states(10)
    const [ended] = health.history.troubles()
    expect(ended!.to!.getTime() - ended!.from.getTime()).toBeGreaterThanOrEqual(25 * SECOND)
    const { course, p95 } = health.history.latencies('traces')
    expect([course.length, course.findLast(latency => latency !== null), p95]).toEqual([60, 80, 80])
    // Minutes in which nobody looked, or nothing answered, are blank.
    expect(course[0]).toBeNull()
    clock.advance(25 * 60 * 60 * SECOND)
    expect([health.history.troubles(), health.history.latencies('traces').p95]).toEqual([[], null])
  })
})
