import { expect, it } from 'vitest'
import { createFakeClock } from '../../../support/fake-clock'
import { base, logRequest } from '../../../support/otlp/build'
import { createTelemetryStore } from '../../../support/telemetry-store'

it('as many lines as are shown are counted, though no time is left for counting the rest', async () => {
  let passed = 0
  let pace = 0
  const store = createTelemetryStore({ clock: { ...createFakeClock(), monotonic: () => passed += pace } })
  store.send('logs', logRequest({ service: 'gateway' }, Array.from({ length: 10 }, (_, at) => ({ at }))))
  // Time for four lines, and none after them.
  pace = 110
  const { lines, total } = await store.logs.search({ window: { from: new Date(base - 1_000), to: new Date(base + 60_000) }, services: ['gateway'], limit: 3 })
  expect(lines).toHaveLength(3)
  expect(total).toEqual({ count: 4, atLeast: true })
})
