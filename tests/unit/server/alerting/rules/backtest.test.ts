import { describe, expect, it } from 'vitest'
import { firingsOf, quietLimit, type BacktestRule } from '#server/alerting/rules/backtest'
import { courseOf, type Course } from '#server/alerting/rules/courses'
import { MINUTE } from '#shared/units'
import { conditions } from '../../../../support/alert-rule'

const start = Date.parse('2026-11-28T10:00:00Z')
const rule = (rest: Partial<BacktestRule> = {}): BacktestRule => ({ unit: 'number', comparator: 'above', limit: 5, reached: false, patience: { for: 0, keepFiring: 0 }, ...rest })

/** One digit a minute; `.` where nothing was measured. */
function drawn(letters: string): Course {
  return { subject: { service: 'shop' }, requests: 1, values: [...letters].map(letter => (letter === '.' ? undefined : Number(letter))) }
}
const steps = (letters: string) => ({ start, step: MINUTE, count: letters.length })
/** `2-5:8`: from the end of minute 2 to that of minute 5, at most 8. */
const written = (letters: string, with_: BacktestRule) => firingsOf(with_, drawn(letters), steps(letters))
  .map(({ at, over, peak }) => `${(at.getTime() - start) / MINUTE - 1}-${over ? (over.getTime() - start) / MINUTE - 1 : ''}:${peak}`).join(' ')

describe('what a rule would have done', () => {
  it.each([
    ['fires once for each time', '1191191', rule(), '2-3:9 5-6:9'],
    ['is still firing at the end', '119', rule(), '2-:9'],
    ['waits as long as it says', '1989111', rule({ patience: { for: 2 * MINUTE, keepFiring: 0 } }), '3-4:9'],
    ['never fires for what is shorter', '1981891', rule({ patience: { for: 2 * MINUTE, keepFiring: 0 } }), ''],
    ['goes on through a short calm', '1911911', rule({ patience: { for: 0, keepFiring: 3 * MINUTE } }), '1-:9'],
    ['keeps firing over what was not measured', '19..91', rule(), '1-5:9'],
    ['ends five minutes after the last word', '19......', rule(), '1-7:9'],
    ['finds what is too low', '9919', rule({ comparator: 'below', limit: 2 }), '2-3:1'],
    ['does not count the peak of an earlier time', '1917161', rule({ limit: 5 }), '1-2:9 3-4:7 5-6:6'],
  ])('%s', (_, letters, tested, firings) => {
    expect(written(letters, tested)).toBe(firings)
  })

  it.each([
    ['the highest figure, where one minute is enough', '1697161', rule(), 9],
    ['what held shortest, where it has to last', '1697161', rule({ patience: { for: MINUTE, keepFiring: 0 } }), 7],
    ['the lowest, where it must not fall', '9929', rule({ comparator: 'below', limit: 3 }), 2],
    ['a hair beyond, where reaching it is enough', '1697', rule({ reached: true }), 9.1],
    ['none where it never fired', '1111', rule(), undefined],
  ])('says the nearest limit that would have kept quiet: %s', (_, letters, tested, limit) => {
    const course = drawn(letters)
    const quiet = quietLimit(tested, [course], steps(letters))
    expect(quiet).toBe(limit)
    if (quiet !== undefined) expect(firingsOf({ ...tested, limit: quiet }, course, steps(letters))).toEqual([])
  })

  it('keeps quiet with that limit, and fires with one that is a digit nearer, whatever the course', () => {
    for (let seed = 1; seed < 200; seed++) {
      const letters = Array.from({ length: 60 }, (_, i) => Math.abs(Math.round(Math.sin(seed * 7.3 + i * i) * 9))).join('')
      const tested = rule({ patience: { for: seed % 4 * MINUTE, keepFiring: 0 } })
      const quiet = quietLimit(tested, [drawn(letters)], steps(letters))
      if (quiet === undefined) continue
      expect(written(letters, { ...tested, limit: quiet })).toBe('')
      expect(written(letters, { ...tested, limit: quiet - 1 })).not.toBe('')
    }
  })
})

describe('the course of a rule', () => {
  const minute = (i: number, requests: number, failed = 0, p95 = 100_000) => ({ at: new Date(start + i * MINUTE), spans: requests, requests, failed, clientErrors: 0, p50: p95, p95, p99: p95 })
  const of = (condition: Parameters<typeof courseOf>[0]['condition'], rows: ReturnType<typeof minute>[], count: number, lead = 0) =>
    courseOf({ condition }, { subject: { service: 'shop' }, rows }, { start, step: MINUTE, count }, lead).values

  it('adds counts up over the window', () => {
    expect(of(conditions.failed({ window: 2 * MINUTE }), [minute(0, 10, 10), minute(1, 10), minute(2, 10)], 3)).toEqual([1, 0.5, 0])
  })

  it('knows what came before the first minute', () => {
    expect(of(conditions.failed({ window: 2 * MINUTE }), [minute(-1, 10, 10), minute(0, 10)], 1, 1)).toEqual([0.5])
  })

  it('leaves blank what was not measured', () => {
    expect(of(conditions.p95(), [minute(0, 10), minute(2, 3)], 3)).toEqual([100_000, undefined, undefined])
  })

  it('measures how long nothing came', () => {
    expect(of(conditions.absence(), [minute(1, 1)], 4)).toEqual([undefined, 0, 60_000_000, 120_000_000])
  })

  it('holds a minute against the usual one', () => {
    const rows = [minute(0, 10), minute(1, 10), minute(2, 10), minute(3, 10, 0, 400_000)]
    expect(of(conditions.anomaly(), rows, 4)).toEqual([1, 1, 1, 4])
  })

  it('spends a budget in both windows', () => {
    const rows = Array.from({ length: 70 }, (_, i) => minute(i, 10, i >= 60 ? 10 : 0))
    const values = of(conditions.burn(), rows, 70)
    expect(values[59]).toBe(0)
    expect(values[69]).toBeCloseTo(100 / 600 / 0.01)
  })
})
