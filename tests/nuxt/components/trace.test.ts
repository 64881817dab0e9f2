import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { defineComponent, h, nextTick, shallowRef } from 'vue'
import { afterEach, describe, expect, it } from 'vitest'
import TraceGrid from '~~/components/trace/TraceGrid.vue'
import type { TraceAnswer } from '#shared/schemas/trace'
import { firstRows, openingView } from '#shared/trace/opening-view'
import { decodeSkeleton, encodeSkeleton } from '#shared/trace/skeleton'
import { span } from '../../support/spans'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' }, language: 'en', zone: 'UTC' }))

const bytes = encodeSkeleton([
  span({ id: 'gate', from: 0, to: 900, kind: 'server', service: 'gate', name: 'POST /orders', httpStatus: 502 }),
  span({ id: 'call', in: 'gate', from: 10, to: 890, kind: 'client', service: 'gate', status: 'error', errorType: 'Timeout' }),
  ...[1, 2, 3].map(n => span({ id: `q${n}`, in: 'call', name: 'SELECT', from: 20 * n, to: 20 * n + 9, kind: 'client', service: 'db' })),
])
const skeleton = decodeSkeleton(bytes)
const { first, rows } = firstRows(skeleton, openingView(skeleton), 40)
const answer = {
  traceId: 'f'.repeat(32), version: '1', startedAt: '2026-11-23T05:00:00.000Z', tick: 1, total: 900_000, fires: 3, verdict: { code: 'trace.verdict.empty' },
  main: { key: skeleton.keyOf(0), service: 0, operation: 'POST /orders', duration: 900_000, status: 502, end: 900_000 },
  path: [], services: [{ name: 'gate', colour: 1 }, { name: 'db', colour: 2 }], counts: { spans: 5, services: 2, errors: 2, ownErrors: 1, levels: 3 },
  rows: { first, count: rows.count, shown: rows.shown, folded: rows.folded, hidden: rows.hidden }, warnings: [], missing: [],
  usual: [{ service: 0, operation: 'POST /orders', kind: 'server', p50: 60_000, calls: 40 }],
} satisfies TraceAnswer

const mountGrid = () => {
  window.__skeleton = Promise.resolve(bytes)
  return mountSuspended(defineComponent({
    setup() {
      provideTracePage(shallowRef<TraceAnswer>(answer))
      return () => h(TraceGrid)
    },
  }))
}
const settled = async () => {
  for (let i = 0; i < 5; i++) await nextTick()
  await new Promise(resolve => setTimeout(resolve, 50))
}

afterEach(() => navigateTo('/'))

describe('the waterfall', () => {
  it('is a treegrid whose rows say what they show', async () => {
    const grid = await mountGrid()
    expect(grid.find('[role=treegrid]').attributes('aria-rowcount')).toBe(String(rows.count))
    const [root, call, fold] = grid.findAll('[role=row]')
    expect(root!.attributes()).toMatchObject({ 'aria-level': '1', 'aria-expanded': 'true', 'aria-posinset': '1', 'aria-setsize': '1' })
    expect(root!.attributes('aria-label')).toMatch(/^gate, POST \/orders, 900 ms, .*100%, 502/)
    expect(call!.attributes('aria-label')).toMatch(/Timeout/)
    expect(fold!.text()).toContain('3 ×')
  })

  it('marks how far a span is from its usual time', async () => {
    const grid = await mountGrid()
    expect(grid.find('[role=row] .trace-ratio').text()).toMatch(/15/)
  })

  it('folds and unfolds in place', async () => {
    const grid = await mountGrid()
    await settled()
    const names = () => grid.findAll('[role=row]').map(row => row.find('.trace-operation').text())
    expect(names()).toEqual(['POST /orders', 'call', 'SELECT'])
    await grid.findAll('[data-toggle]')[1]!.trigger('click')
    await settled()
    expect(names()).toEqual(['POST /orders', 'call'])
    await grid.findAll('[data-toggle]')[1]!.trigger('click')
    await settled()
    await grid.findAll('[data-toggle]')[2]!.trigger('click')
    await settled()
    expect(names()).toEqual(['POST /orders', 'call', 'SELECT', 'SELECT', 'SELECT', 'SELECT'])
  })
})
