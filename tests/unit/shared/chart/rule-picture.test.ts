import { describe, expect, it } from 'vitest'
import { rulePicture, rulePictureBox as box } from '#shared/chart/rule-picture'

const window = { from: '2026-11-22T05:00:00.000Z', to: '2026-11-23T05:00:00.000Z' }
const subject = { service: 'shop' }
const firing = (at: string, over: string | null, of = subject) => ({ subject: of, at, over, peak: 1, change: null, alerts: 0, incident: null })
const drawn = { subject, start: window.from, step: 6 * 3_600_000, values: [500, null, 800, 600] }

describe('the picture of a rule', () => {
  it('draws the limit between the axis and the highest figure, and leaves blank what was not measured', () => {
    const picture = rulePicture({ window, unit: 'duration', limit: 700, firings: [], drawn })
    expect(picture.limit.y).toBeGreaterThan(box.top)
    expect(picture.limit.y).toBeLessThan(box.height - box.bottom)
    expect(picture.path.match(/M/g)).toHaveLength(2)
  })

  it('marks the times that the drawn subject would have fired, to the end where it still would', () => {
    const picture = rulePicture({ window, unit: 'duration', limit: 700, drawn, firings: [
      firing('2026-11-22T17:00:00.000Z', '2026-11-22T23:00:00.000Z'), firing('2026-11-23T04:00:00.000Z', null), firing('2026-11-22T08:00:00.000Z', null, { service: 'other' }),
    ] })
    const inner = box.width - box.left - box.right
    expect(picture.bands.map(({ x }) => x)).toEqual([box.left + inner / 2, expect.closeTo(box.left + inner * 23 / 24, 0)])
    expect(picture.bands[0]!.width).toBeCloseTo(inner / 4)
    expect(picture.bands[1]!.x + picture.bands[1]!.width).toBeCloseTo(box.width - box.right, 0)
  })

  it('draws a limit that no figure reaches, and nothing where there is nothing', () => {
    const picture = rulePicture({ window, unit: 'duration', limit: 5_000, firings: [], drawn: null })
    expect(picture.path).toBe('')
    expect(picture.limit.y).toBeGreaterThanOrEqual(box.top)
  })

  it('goes below zero where a query does', () => {
    const picture = rulePicture({ window, unit: 'number', limit: -5, firings: [], drawn: { ...drawn, values: [-10, 0, 3, -2] } })
    expect(picture.limit.y).toBeLessThan(box.height - box.bottom)
  })
})
