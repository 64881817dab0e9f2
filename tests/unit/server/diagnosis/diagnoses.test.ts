import { describe, expect, it } from 'vitest'
import { createDiagnoses, diagnose, type CollectPorts, type DiagnosisInput } from '#server/diagnosis/diagnosis'
import { AppError } from '#shared/errors'
import { TraceCollector } from '#shared/trace/trace-columns'
import { createFakeClock } from '../../../support/fake-clock'

const now = new Date('2026-11-23T05:32:10Z')
const id = '0193573c-0000-7000-8000-000000000001'

/** Diagnoses of nothing: what is asked of the sources and of the diagnoser, and when it is answered. */
function start() {
  const asked: DiagnosisInput[] = []
  const parts: Parameters<CollectPorts['traces']['batch']>[0]['parts'][] = []
  const answers: (() => void)[] = []
  const diagnoses = createDiagnoses({
    clock: createFakeClock(now),
    ports: {
      traces: { name: 'embedded', batch: async (query) => {
        parts.push(query.parts)
        return { traces: new TraceCollector().done(), parts: query.parts.map(({ window }) => ({ matched: 0, read: 0, searchedTo: window.from })), population: { kind: 'all' }, warnings: [] }
      } },
      metrics: { name: 'embedded', requests: async () => ({ data: [], population: { kind: 'all' }, warnings: [] }), operations: async () => ({ data: [], population: { kind: 'all' }, warnings: [] }), services: async () => [{ service: 'newcomer', firstSeen: now, lastSeen: now, versions: [], instances: 1 }] },
      logs: { name: 'embedded', ofTraces: async () => ({ lines: [], more: false, warnings: [] }) },
      changes: () => [],
    },
    diagnoser: { diagnose: input => new Promise((resolve) => {
      asked.push(input)
      answers.push(() => resolve(diagnose(input)))
    }) },
    register: {
      services: () => [{ name: 'shop' }],
      endpoint: (wanted) => {
        if (wanted !== id) throw new AppError('endpoint.not_found', { id: wanted })
        return { service: 'shop', method: 'GET', routeKey: '/orders/{}' }
      },
    },
    excluded: () => [['03:58', '03:59'], ['03:59', '04:02'], ['05:10', '05:20'], ['05:28', '05:32']].map(([from, to]) => ({ from: new Date(`2026-11-23T${from}:00Z`), to: new Date(`2026-11-23T${to}:00Z`) })),
  })
  return { diagnoses, asked, parts, answers, settle: () => new Promise(resolve => setImmediate(resolve)) }
}

describe('diagnosing a range', () => {
  it('looks at the requests of the endpoint, and for when it began where the range moves', async () => {
    const { diagnoses, asked, parts, answers, settle } = start()
    const answer = diagnoses.range({ endpoint: id, range: '15m' })
    await settle()
    answers[0]!()
    expect((await answer).culprit).toBeNull()
    expect(parts[0]![0]!.of).toEqual([{ service: 'shop', method: 'GET', routeKey: '/orders/{}' }])
    expect(asked[0]).toMatchObject({ at: now.getTime() * 1_000 })
    expect(asked[0]!.onset).toBeUndefined()
    expect(asked[0]!.excluded.map(({ to }) => to)).toEqual(['03:59', '04:02', '05:20'].map(time => Date.parse(`2026-11-23T${time}:00Z`) * 1_000))
  })

  it('takes a range that stays as the disturbance, and leaves out what other incidents spoilt', async () => {
    const { diagnoses, asked, parts, answers, settle } = start()
    const answer = diagnoses.range({ service: 'shop', from: '2026-11-23T04:00:00Z', to: '2026-11-23T04:04:00Z' })
    await settle()
    answers[0]!()
    await answer
    const micros = (time: string) => Date.parse(time) * 1_000
    expect(asked[0]).toMatchObject({ at: micros('2026-11-23T04:04:00Z'), onset: micros('2026-11-23T04:00:00Z'), excluded: [{ from: micros('2026-11-23T03:58:00Z'), to: micros('2026-11-23T03:59:00Z') }] })
    expect(parts[0]![1]!.window.from.getTime()).toBeLessThanOrEqual(Date.parse('2026-11-23T02:59:00Z'))
  })

  it('gives all who ask the same one answer, and looks at one range of a subject at a time', async () => {
    const { diagnoses, asked, answers, settle } = start()
    const first = diagnoses.range({ service: 'shop', from: '2026-11-23T04:00:00Z', to: '2026-11-23T04:04:00Z' })
    const same = diagnoses.range({ service: 'shop', from: '2026-11-23T04:00:00Z', to: '2026-11-23T04:04:00Z' })
    const other = diagnoses.range({ service: 'shop', from: '2026-11-23T05:00:00Z', to: '2026-11-23T05:04:00Z' })
    const elsewhere = diagnoses.range({ endpoint: id })
    await settle()
    expect(asked).toHaveLength(2)
    answers[0]!()
    answers[1]!()
    expect(await same).toBe(await first)
    await elsewhere
    await settle()
    expect(asked).toHaveLength(3)
    answers[2]!()
    expect((await other).at).toBe(Date.parse('2026-11-23T05:04:00Z') * 1_000)
  })

  it('looks at a service that was only just heard of', async () => {
    const { diagnoses, asked, answers, settle } = start()
    const answer = diagnoses.range({ service: 'newcomer' })
    await settle()
    answers[0]!()
    await answer
    expect(asked).toHaveLength(1)
  })

  it('refuses what nobody knows', async () => {
    const { diagnoses } = start()
    await expect(diagnoses.range({ service: 'nobody' })).rejects.toMatchObject({ code: 'service.not_found' })
    await expect(diagnoses.range({ endpoint: id.replace('1', '2') })).rejects.toMatchObject({ code: 'endpoint.not_found' })
  })
})
