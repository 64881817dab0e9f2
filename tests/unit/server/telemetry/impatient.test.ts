import { expect, it } from 'vitest'
import { createImpatient } from '#server/telemetry/impatient'
import { createCallSource } from '../../../support/metric-source'

it('a source that waits for nobody still tells what it was found to be capable of', () => {
  const source = createCallSource()
  let byConsumer = false
  const impatient = createImpatient(Object.defineProperty(source, 'capabilities', { enumerable: true, get: () => ({ ...createCallSource().capabilities, byConsumer }) }))
  expect(impatient.capabilities.byConsumer).toBe(false)
  byConsumer = true
  expect(impatient.capabilities.byConsumer).toBe(true)
  expect(impatient.name).toBe(source.name)
})
