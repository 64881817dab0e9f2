import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import BeaconStrip from '~~/components/state/BeaconStrip.vue'
import FireSymbols from '~~/components/state/FireSymbols.vue'
import StateFires from '~~/components/state/StateFires.vue'
import RoutePath from '~~/components/app/RoutePath.vue'
import type { State } from '#shared/status/state'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

describe('the fires of a state', () => {
  it.each<[State, number]>([['healthy', 1], ['degraded', 2], ['critical', 3], ['unknown', 0]])('%s lights %d', async (state, lit) => {
    const shown = await mountSuspended(StateFires, { props: { state } })
    const symbol = (await mountSuspended(FireSymbols)).find(shown.get('use').attributes('href')!)
    expect(symbol.findAll('path[transform]')).toHaveLength(lit)
  })

  it('has a name when it stands alone, and none beside its word', async () => {
    expect((await mountSuspended(StateFires, { props: { state: 'critical', label: '위험' } })).attributes('aria-label')).toBe('위험')
    expect((await mountSuspended(StateFires, { props: { state: 'critical' } })).attributes('aria-hidden')).toBe('true')
  })
})

it('the beacon strip draws a colour once, however many minutes', async () => {
  const strip = await mountSuspended(BeaconStrip, { props: { label: 'last hour', states: `${'h'.repeat(57)}dcu` } })
  expect(strip.findAll('path')).toHaveLength(4)
})

it('a route mutes its parameters, in every way of writing them', async () => {
  const route = await mountSuspended(RoutePath, { props: { path: '/api/{orderId}/:line/<x>' } })
  expect(route.findAll('.text-muted').map(part => part.text())).toEqual(['{orderId}', ':line', '<x>'])
  expect(route.text()).toBe('/api/{orderId}/:line/<x>')
})
