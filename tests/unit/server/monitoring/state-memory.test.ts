import { expect, it } from 'vitest'
import { remember, type StateMemory } from '#server/monitoring/state-memory'
import { judge, limitsOf } from '#server/monitoring/state-rules'
import type { State } from '#shared/status/state'

const start = Date.parse('2026-11-23T05:00:00Z')
const moment = (second: number) => new Date(start + second * 1_000)
const figures: Record<State, Parameters<typeof judge>[0]> = {
  healthy: { spans: 100, requests: 100, failed: 0, p95: 1 },
  degraded: { spans: 100, requests: 100, failed: 5, p95: 1 },
  critical: { spans: 100, requests: 100, failed: 50, p95: 1 },
  unknown: undefined,
}
const judged = (state: State) => judge(figures[state], figures[state], limitsOf(undefined))

/** What is shown at each moment, as `second:state`. */
function play(...moments: [second: number, state: State][]) {
  let memory: StateMemory | undefined
  const shown = moments.map(([second, state]) => (memory = remember(memory, judged(state), moment(second))).state)
  return { shown, memory: memory! }
}

it('gets worse at once', () => {
  expect(play([0, 'healthy'], [5, 'degraded'], [10, 'critical']).shown).toEqual(['healthy', 'degraded', 'critical'])
})

it('gets better only after 60 s without the worse', () => {
  expect(play([0, 'critical'], [59, 'healthy'], [60, 'healthy']).shown).toEqual(['critical', 'critical', 'healthy'])
})

it('goes down by steps: what was critical is degraded while it still is that', () => {
  expect(play([0, 'critical'], [30, 'degraded'], [60, 'degraded'], [89, 'healthy'], [120, 'healthy']).shown)
    .toEqual(['critical', 'critical', 'degraded', 'degraded', 'healthy'])
})

it('starts the 60 s anew with every relapse', () => {
  expect(play([0, 'degraded'], [40, 'healthy'], [50, 'degraded'], [100, 'healthy'], [110, 'healthy']).shown.slice(-2)).toEqual(['degraded', 'healthy'])
})

it('is unknown as soon as nothing comes, and judges anew with the first request', () => {
  expect(play([0, 'critical'], [5, 'unknown'], [10, 'healthy']).shown).toEqual(['critical', 'unknown', 'healthy'])
})

it('keeps since when the state is what it is, and since when the criterion is broken', () => {
  const { memory } = play([0, 'healthy'], [10, 'degraded'], [20, 'critical'], [30, 'critical'])
  expect(memory.since).toEqual(moment(20))
  expect(memory.errors!.since).toEqual(moment(10))
})

it('does not call a criterion broken since its last time but one', () => {
  const { memory } = play([0, 'degraded'], [60, 'healthy'], [200, 'degraded'])
  expect(memory.errors!.since).toEqual(moment(200))
})
