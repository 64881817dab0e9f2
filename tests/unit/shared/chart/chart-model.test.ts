import { describe, expect, it } from 'vitest'
import { chartBox, drawChart, stepTimes, type ChartModel } from '#shared/chart/chart-model'
import { valueScale } from '#shared/chart/value-scale'

const box = { width: 110, height: 70, left: 10, right: 0, top: 10, bottom: 10 }
const model = (rest: Partial<ChartModel> = {}): ChartModel => ({
  kind: 'lines', from: 0, to: 100, start: 0, step: 25, max: 10, ticks: [0, 10], changes: [],
  series: [{ key: 'p95', name: 'p95', colour: 'red', values: [0, 10, null, 5] }], ...rest,
})

describe('chart', () => {
  it('puts a step in the middle of its time, and leaves a hole where nothing came', () => {
    expect(drawChart(model(), box).series[0]!.path).toBe('M22.5 60l25-50M97.5 35h1')
  })

  it('stacks columns from the foot of the plot', () => {
    const { series } = drawChart(model({ kind: 'columns', series: [{ key: 'ok', name: '', colour: '', values: [5] }, { key: 'failed', name: '', colour: '', values: [5] }] }), box)
    expect(series.map(({ path }) => path)).toEqual(['M10 35h99v25h-99z', 'M10 10h99v25h-99z'])
  })

  it('marks changes, trouble, limit and traces at their place, and only within the window', () => {
    const drawn = drawChart(model({
      changes: [{ at: 50, label: 'x' }, { at: 150, label: 'later' }], band: { from: 50, to: 999 }, objective: 5,
      points: [{ at: 100, value: 20, traceId: 't', failed: true }],
    }), box)
    expect(drawn.changes).toEqual([{ x: 60, label: 'x' }])
    expect(drawn.band).toEqual({ x: 60, width: 50 })
    expect(drawn.objective).toBe(35)
    expect(drawn.points).toEqual([{ x: 110, y: 10, traceId: 't', failed: true }])
  })

  it('leaves out a limit that lies above the chart', () => {
    expect(drawChart(model({ objective: 11 }), box)).not.toHaveProperty('objective')
  })

  it('names the time of every step', () => {
    expect(stepTimes(model()).map(Number)).toEqual([0, 25, 50, 75])
    expect(chartBox.width).toBeGreaterThan(chartBox.left)
  })
})

it.each([
  [2.9, 3, [0, 1, 2, 3]], [8.6, 10, [0, 2.5, 5, 7.5, 10]], [1, 1, [0, 0.25, 0.5, 0.75, 1]], [0.66, 0.8, [0, 0.2, 0.4, 0.6, 0.8]], [100, 100, [0, 25, 50, 75, 100]], [0, 1, [0]], [Number.NaN, 1, [0]],
])('rounds an axis to %d up to %d', (most, max, ticks) => {
  expect(valueScale(most)).toEqual({ max: expect.closeTo(max), ticks })
})
