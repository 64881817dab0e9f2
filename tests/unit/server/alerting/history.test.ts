import { expect, it } from 'vitest'
import { createAlerting, type Finding, type Tier } from '#server/alerting/alerting'
import { DAY, HOUR, SECOND } from '#shared/units'
import { createControlDb } from '../../../support/control-db'
import { createFakeClock } from '../../../support/fake-clock'
import { createCallSource } from '../../../support/metric-source'

const rule = { id: 'r', origin: 'own', for: 0, keepFiring: 0 } as const

async function ended(...slots: string[][]) {
  const clock = createFakeClock(new Date('2026-11-29T10:00:00Z'))
  let firing: string[] = []
  const toFinding = (service: string): Finding => ({ subject: { service }, severity: 'critical', onset: clock.now(), reason: { code: 'alerting.error.own' } })
  const tier: Tier = { name: 'own', every: 5 * SECOND, rules: () => [rule], judge: () => [{ rule, findings: firing.map(toFinding) }] }
  const alerting = createAlerting({ db: createControlDb(), clock, metrics: createCallSource(), register: { services: () => [], endpoints: () => [] }, tiers: [tier] })
  for (const services of [...slots, []]) {
    firing = services
    clock.advance(5 * SECOND)
    await alerting.evaluate(clock.now())
  }
  return { alerting, clock }
}

it('what is over is read page by page, newest first, each once, however many ended at the same moment', async () => {
  const { alerting } = await ended(['first'], ['a', 'b', 'c', 'd', 'e'], ['last'])
  const pages: string[][] = []
  let before: string | undefined
  do {
    const { alerts, next } = alerting.history({ limit: 2, ...(before && { before }) })
    pages.push(alerts.map(({ subject }) => subject.service))
    before = next ?? undefined
  } while (before)
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1])
  expect([pages.flat()[0], pages.flat().at(-1)]).toEqual(['last', 'first'])
  expect(pages.flat().sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'first', 'last'])
})

it('a page after one that is forgotten by now is empty, not the first again', async () => {
  const { alerting, clock } = await ended(['a'], ['b'])
  const { next } = alerting.history({ limit: 1 })
  clock.advance(90 * DAY)
  const stop = alerting.start()
  clock.advance(HOUR)
  stop()
  expect(alerting.history({ limit: 1, before: next! })).toMatchObject({ alerts: [], next: null })
})
