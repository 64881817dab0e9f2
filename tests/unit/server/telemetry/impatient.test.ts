import { expect, it } from 'vitest'
import { withPatience } from '#server/patience'
import { createImpatient } from '#server/telemetry/impatient'
import type { MetricSource, PromqlAnswer, PromqlSource } from '#server/telemetry/ports'
import { createFakeClock } from '../../../support/fake-clock'
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

it('nor does a page wait for a query in the language of the source, though others do', async () => {
  const clock = createFakeClock()
  const nothing: PromqlAnswer = { kind: 'scalar', series: [], warnings: [] }
  let answer = (_: PromqlAnswer) => {}
  const promql = { instant: () => new Promise<PromqlAnswer>(resolve => (answer = resolve)) } as unknown as PromqlSource
  const source: MetricSource = createImpatient({ ...createCallSource(), promql })
  const asked = withPatience({ clock, until: clock.monotonic() + 1_000 }, () => source.promql!.instant('up', clock.now()))
  clock.advance(1_000)
  await expect(asked).rejects.toMatchObject({ code: 'source.unavailable', params: { reason: 'slow' } })
  const patient = source.promql!.instant('up', clock.now())
  answer(nothing)
  expect(await patient).toEqual(nothing)
})
