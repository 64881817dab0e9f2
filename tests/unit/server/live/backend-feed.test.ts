import { expect, it } from 'vitest'
import { startBackendFeed } from '#server/live/backend-feed'
import type { Signal } from '#server/telemetry/telemetry'
import { createFakeClock } from '../../../support/fake-clock'

it.each<[Signal[], string[]]>([
  [[], []],
  [['metrics'], []],
  [['logs'], ['logs', 'logs']],
  [['traces', 'metrics', 'logs'], ['traces', 'logs', 'traces', 'logs']],
])('with %j read from backends, tells %j within ten seconds', (connected, expected) => {
  const clock = createFakeClock()
  const told: string[] = []
  const end = startBackendFeed({ live: { publish: topic => told.push(topic) }, clock, connected })
  clock.advance(10_000)
  expect(told).toEqual(expected)
  end()
  clock.advance(10_000)
  expect(told).toEqual(expected)
})
