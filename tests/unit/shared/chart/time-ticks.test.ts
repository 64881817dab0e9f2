import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundStep, timeTicks, zoneOffset } from '#shared/chart/time-ticks'
import { HOUR, MINUTE } from '#shared/units'

const window = { from: new Date('2026-11-23T05:02:10Z'), to: new Date('2026-11-23T05:32:10Z') }

describe('time axis', () => {
  it('marks round times inside the window', () => {
    expect(timeTicks(window, 6).map(({ at }) => at.toISOString().slice(11, 16))).toEqual(['05:05', '05:10', '05:15', '05:20', '05:25', '05:30'])
    expect(timeTicks(window, 6)[0]!.position).toBeCloseTo(170 / 1_800)
  })

  it('marks midnight in the reader\'s zone, not in Greenwich', () => {
    const days = { from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-23T00:00:00Z') }
    expect(timeTicks(days, 4, 9 * HOUR).map(({ at }) => at.toISOString())).toEqual(['2026-11-20T15:00:00.000Z', '2026-11-21T15:00:00.000Z', '2026-11-22T15:00:00.000Z'])
  })

  it('knows how far zones are from Greenwich', () => {
    expect(zoneOffset('Asia/Seoul', window.from)).toBe(9 * HOUR)
    expect(zoneOffset('America/New_York', window.from)).toBe(-5 * HOUR)
    expect(zoneOffset('Asia/Kathmandu', window.from)).toBe(5 * HOUR + 45 * MINUTE)
    expect(zoneOffset('UTC', window.from)).toBe(0)
  })

  it('never marks more than asked for', () => {
    fc.assert(fc.property(fc.integer({ min: 1_000, max: 30 * 24 * HOUR }), fc.integer({ min: 2, max: 60 }), (length, most) => {
      const some = { from: window.from, to: new Date(window.from.getTime() + length) }
      return length / roundStep(some, most) <= most && timeTicks(some, most).length <= most + 1
    }))
  })
})
