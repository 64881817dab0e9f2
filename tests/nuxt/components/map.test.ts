import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { expect, it } from 'vitest'
import type { MapEdge, MapNode, ServiceMap } from '#shared/schemas/service-map'
import MapPicture from '~~/components/map/MapPicture.vue'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

const healthy = { errors: 'healthy', latency: 'healthy' } as const
const figures = { requests: 600, failed: 0, p95: 30_000 }
const node = (name: string, x: number, y: number): MapNode => ({ id: `service:${name}`, name, kind: 'service', colour: 1, state: 'healthy', figures, levels: healthy, stores: [], since: null, x, y, width: 168, height: 32 })
const edge = (from: string, to: string): MapEdge => ({ from: `service:${from}`, to: `service:${to}`, kind: 'call', state: 'healthy', figures, levels: healthy, path: 'M0 0H10', stroke: 2, label: { x: 0, y: 0 } })
const map = {
  nodes: [node('gate', 0, 0), node('orders', 300, 0), node('rates', 300, 60), node('mail', 600, 0)], edges: [edge('gate', 'orders'), edge('gate', 'rates'), edge('orders', 'mail')],
  dense: true, width: 800, height: 200, columns: [], warnings: [],
} as unknown as ServiceMap

const picture = () => mountSuspended(MapPicture, { attachTo: document.body, props: { map, seconds: 60, range: {}, linkTo: () => '/map' } })

it('the tab key stops at one box of a large map, from which arrows lead to all others', async () => {
  const shown = await picture()
  const stops = () => [...new Set(shown.findAll('.map-box a').filter(link => (link.element as HTMLElement).tabIndex >= 0).map(link => link.element.closest<HTMLElement>('.map-box')!.dataset.node))]
  const press = async (key: string) => {
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await shown.vm.$nextTick()
    return document.activeElement!.closest<HTMLElement>('.map-box')!.dataset.node
  }
  expect(stops()).toEqual(['service:gate'])
  shown.find<HTMLElement>('.map-box a').element.focus()
  expect(await press('ArrowRight')).toBe('service:orders')
  expect(await press('ArrowDown')).toBe('service:rates')
  expect(await press('ArrowUp')).toBe('service:orders')
  expect(await press('ArrowRight')).toBe('service:mail')
  expect(stops()).toEqual(['service:mail'])
  shown.unmount()
})

it('what is pointed at stands out with its neighbours and the lines between', async () => {
  const shown = await picture()
  const lit = () => [shown.findAll('.map-box.lit').map(box => box.attributes('data-node')), shown.findAll('.map-line.lit').length]
  expect(shown.classes()).not.toContain('some-lit')
  await shown.get('[data-node="service:orders"]').trigger('pointerenter')
  expect(shown.classes()).toContain('some-lit')
  expect(lit()).toEqual([['service:gate', 'service:orders', 'service:mail'], 2])
  await shown.get('[data-node="service:orders"]').trigger('pointerleave')
  await shown.setProps({ find: 'RATE' })
  expect(lit()).toEqual([['service:rates'], 1])
  shown.unmount()
})
