import { expect, it } from 'vitest'
import { createTestIncidents } from '../../../support/incidents'
import { person } from '../../../support/registry'

const operator = person('ops-01')

it('means are of the days that the reader filters by, in the reader’s zone, as the list is', async () => {
  const { clock, incidents, say, alert, firing } = await createTestIncidents()
  await say(firing(alert()))
  clock.advance(60_000)
  incidents.resolve(operator, 'INC-1', { revision: 1, cause: 'known', diagnosisRight: null })
  const of = (day: string, zone: string) => {
    const { past, meanTimeToResolve } = incidents.list(operator, { state: 'all', limit: 30, from: day, to: day }, { language: 'en', zone })
    return [past.length, meanTimeToResolve]
  }
  // Five in the morning there is the evening before on Hawaii.
  expect(of('2026-11-23', 'UTC')).toEqual([1, 60_000])
  expect(of('2026-11-22', 'Pacific/Honolulu')).toEqual([1, 60_000])
  expect(of('2026-11-23', 'Pacific/Honolulu')).toEqual([0, null])
})
