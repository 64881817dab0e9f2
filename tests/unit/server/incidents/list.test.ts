import { expect, it, vi } from 'vitest'
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

it('asks the file no more for many than for one, also where who may not see services looks for words', async () => {
  const { db, clock, incidents, say, alert, firing } = await createTestIncidents()
  const support = person('support-01', ['incidents:read'])
  const ask = () => {
    const prepare = vi.spyOn(db.$client, 'prepare')
    const { counts } = incidents.list(support, { state: 'all', limit: 30, q: 'nothing like it' }, { language: 'en', zone: 'UTC' })
    const questions = prepare.mock.calls.length
    prepare.mockRestore()
    return { questions, ...counts }
  }
  const open = async () => {
    await say(firing(alert()))
    clock.advance(60_000)
    const { open: [line] } = incidents.list(operator, { state: 'open', limit: 30 }, { language: 'en', zone: 'UTC' })
    incidents.resolve(operator, `INC-${line!.number}`, { revision: 1, cause: 'known', diagnosisRight: null })
    clock.advance(24 * 3_600_000)
  }
  await open()
  const one = ask().questions
  for (let i = 0; i < 5; i++) await open()
  expect(ask().questions).toBe(one)
})
