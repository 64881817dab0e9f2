import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decompositionBar } from '#shared/chart/decomposition-bar'
import { drawPicture, pictureBox } from '#shared/chart/fault-picture'
import { requestsBox, requestsPicture } from '#shared/chart/requests-picture'
import { calendarWeeks } from '#shared/incidents/calendar'
import type { SentDecompositionRow } from '#shared/schemas/diagnosis'
import { fullStory, onset, plainStory } from '../../../support/incident'

const row = (duration: number, rate = 0, product = 0, service = 's'): SentDecompositionRow => ({ kind: 'local', service, operation: 'o', remote: null, change: duration + rate + product, duration, rate, product })
const tenths = (value: number) => Math.round(value * 10)

describe('the bar of a decomposition', () => {
  it('sums to exactly 100, whatever the parts', () => {
    const part = fc.integer({ min: -1_000_000, max: 5_000_000 })
    fc.assert(fc.property(fc.array(fc.tuple(part, part, part), { minLength: 1, maxLength: 12 }), (parts) => {
      const rows = parts.map(([duration, rate, product], i) => row(duration, rate, product, `s${i % 5}`))
      const change = rows.reduce((sum, { change }) => sum + change, 0)
      const bar = decompositionBar({ before: 1_000, after: 1_000 + change, rows })
      if (change <= 0) {
        expect(bar).toBeUndefined()
        return
      }
      expect(bar!.rows.reduce((sum, { share }) => sum + tenths(share), 0)).toBe(1_000)
      expect(tenths(bar!.longer) + tenths(bar!.oftener)).toBe(1_000)
      expect(bar!.parts.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100, 0)
      for (const { share, longer, oftener } of bar!.rows) expect(tenths(longer) + tenths(oftener)).toBe(tenths(share))
    }))
  })

  it('halves what longer and more calls do together', () => {
    const [only] = decompositionBar({ before: 0, after: 100, rows: [row(20, 60, 20)] })!.rows
    expect(only).toMatchObject({ share: 100, longer: 30, oftener: 70 })
  })

  it('has one row a place, whatever the number of operations', () => {
    const bar = decompositionBar({ before: 0, after: 100, rows: [row(10), row(20, 0, 0, 'other'), row(70)] })!
    expect(bar.rows.map(({ service, share }) => [service, share])).toEqual([['s', 80], ['other', 20]])
  })

  it('leaves out of the bar what became faster, and keeps it in the sum', () => {
    const bar = decompositionBar({ before: 100, after: 200, rows: [row(150), row(-50, 0, 0, 'other')] })!
    expect(bar.rows.map(({ share }) => share)).toEqual([150, -50])
    expect(bar.parts).toEqual([{ row: 0, kind: 'longer', left: 0, width: 100 }])
  })
})

describe('the picture of a timeout', () => {
  const drawn = drawPicture(fullStory().picture!)!
  if (drawn.kind !== 'durations') throw new Error('wrong kind')

  it('shows how many end at the limit, apart from the others', () => {
    expect(drawn.pile).toMatchObject({ share: 150 / 224, limit: 8_000_000 })
    expect(drawn.pile!.columns.match(/M/g)).toHaveLength(1)
    expect(drawn.panels[1]!.columns.match(/M/g)).toHaveLength(8)
  })

  it('puts both on one logarithm with the medians where half of the calls are', () => {
    expect(drawn.panels[0]!.median).toBeGreaterThan(148_000)
    expect(drawn.panels[0]!.median).toBeLessThan(190_000)
    expect(drawn.panels[1]!.median).toBeGreaterThan(7_900_000)
    expect(drawn.ticks.map(({ value }) => value)).toEqual([100_000, 1_000_000, 8_000_000])
  })

  it('stays in its box', () => {
    for (const columns of [...drawn.panels.map(panel => panel.columns), drawn.pile!.columns]) {
      for (const [, x, y, height] of columns.matchAll(/M([\d.]+) ([\d.]+)v-([\d.]+)/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0)
        expect(Number(x)).toBeLessThanOrEqual(pictureBox.width)
        expect(Number(y) - Number(height)).toBeGreaterThanOrEqual(0)
      }
    }
  })
})

describe('the picture of a call rate', () => {
  const calls = { kind: 'calls' as const, parent: 'Token Validation', call: 'GET jwks.json', from: onset, step: 60_000, parents: [42, 42, null, 42], calls: [0, 0, null, 41] }

  it('leaves out what nobody measured and marks where it began', () => {
    const drawn = drawPicture(calls, Date.parse(onset) + 90_000)!
    expect(drawn).toMatchObject({ kind: 'calls', lines: [{ value: 0 }, { value: 25 }, { value: 50 }] })
    expect(drawn.kind === 'calls' && drawn.calls.match(/M/g)).toHaveLength(2)
    expect(drawn.kind === 'calls' && drawn.onset).toBeGreaterThan(pictureBox.left)
  })

  it('is not drawn of nothing', () => {
    expect(drawPicture({ ...calls, parents: [null], calls: [null] })).toBeUndefined()
    expect(drawPicture({ kind: 'origins', rows: [] })).toBeUndefined()
    expect(drawPicture({ kind: 'durations', subject: '', usual: [], now: [], limit: null })).toBeUndefined()
  })
})

describe('requests by the minute', () => {
  it('stand on one foot, the failed ones below, with the onset between', () => {
    const drawn = requestsPicture(plainStory().requests, Date.parse(onset))!
    expect(drawn.failed.match(/M/g)).toHaveLength(14)
    expect(drawn.ok.match(/M/g)).toHaveLength(30)
    expect(drawn.lines.map(({ value }) => value)).toEqual([0, 100, 200])
    expect(drawn.onset).toBeGreaterThan(requestsBox.left + (requestsBox.width - requestsBox.left) / 2)
  })
})

it('the calendar is made of whole weeks from Monday on, and has no days to come', () => {
  const weeks = calendarWeeks([{ day: '2026-11-23', incidents: 2 }], '2026-11-25', 3)
  expect(weeks.map(week => week.length)).toEqual([7, 7, 3])
  expect(weeks[0]![0]!.day).toBe('2026-11-09')
  expect(weeks[2]!.map(({ day, of }) => [day, of?.incidents])).toEqual([['2026-11-23', 2], ['2026-11-24', undefined], ['2026-11-25', undefined]])
})
