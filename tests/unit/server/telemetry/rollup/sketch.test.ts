import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WireWriter } from '#server/telemetry/embedded/otlp/wire-writer'
import { classOf, durationOf, Sketch, unit } from '#server/telemetry/embedded/rollup/sketch'
import { stretchesOf } from '#server/telemetry/embedded/read/steps'

const bytesOf = (sketch: Sketch) => {
  const writer = new WireWriter()
  sketch.write(writer)
  return writer.take()
}

it('reads any duration back within 5 %', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1e11 }), (duration) => {
    expect(Math.abs(durationOf(classOf(duration)) / duration - 1)).toBeLessThan(0.05)
  }))
  expect(durationOf(classOf(0))).toBe(0)
})

it('finds quantiles within 5 % of those of the values themselves', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1e8 }), { minLength: 1, maxLength: 300 }), fc.constantFrom(0.5, 0.95, 0.99), (values, q) => {
    const sketch = new Sketch()
    for (const value of values) sketch.add(classOf(value), unit)
    const exact = values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1]!
    expect(Math.abs(sketch.quantile(q)! - exact)).toBeLessThanOrEqual(0.05 * exact + 1)
  }))
})

it('adds up written sketches in any order, and takes back exactly what was added', () => {
  const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 399 }), fc.integer({ min: 1, max: 5_000 })), { maxLength: 40 })
  fc.assert(fc.property(counts, counts, (a, b) => {
    const [first, second, both] = [new Sketch(), new Sketch(), new Sketch()]
    for (const [index, count] of a) for (const sketch of [first, both]) sketch.add(index, count)
    for (const [index, count] of b) for (const sketch of [second, both]) sketch.add(index, count)
    const merged = new Sketch().merge(bytesOf(second)).merge(bytesOf(first))
    const list = (sketch: Sketch) => sketch.counts.map((count, i) => [sketch.low + i, count]).filter(([, count]) => count! > 0)
    expect(list(merged)).toEqual(list(both))
    for (const [index, count] of b) both.add(index, -count)
    expect(list(both)).toEqual(list(first))
  }))
})

it('covers any window with steps that neither overlap nor leave a gap', () => {
  const now = 1_800_000_000
  fc.assert(fc.property(fc.integer({ min: now - 30 * 86_400, max: now }), fc.integer({ min: 1, max: 20 * 86_400 }), fc.constantFrom(undefined, 10_000, 60_000, 600_000, 30_000), (from, length, step) => {
    const stretches = stretchesOf({ from: new Date(from * 1000), to: new Date((from + length) * 1000) }, step, now * 1000, { rollup10sDays: 2, rollup1mDays: 15 })
    expect(stretches[0]!.from).toBeLessThanOrEqual(from)
    expect(stretches.at(-1)!.to).toBeGreaterThanOrEqual(from + length)
    for (const [i, { level, from, to }] of stretches.entries()) {
      expect([from % level, to % level, from < to]).toEqual([0, 0, true])
      if (i > 0) expect(stretches[i - 1]!.to).toBe(from)
    }
    expect(stretches.reduce((steps, { level, from, to }) => steps + (to - from) / level, 0)).toBeLessThan(step === undefined || step >= 600_000 ? 7_000 : Infinity)
  }))
})
