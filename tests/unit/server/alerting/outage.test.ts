import { describe, expect, it } from 'vitest'
import { createDetection } from '#server/alerting/detection/detection'
import { createSecondCounts } from '#server/alerting/detection/second-counts'
import { findOutages } from '#server/alerting/detection/outage'
import type { Completion } from '#server/telemetry/telemetry'
import { defaultLimits } from '#shared/status/limits'
import { AppError } from '#shared/errors'
import { createFakeClock } from '../../../support/fake-clock'
import { createCallSource } from '../../../support/metric-source'

const at = new Date('2026-11-29T10:00:00Z')
const second = at.getTime() / 1000
const route = { service: 'gateway', method: 'POST', routeKey: '/process' }

/** What arrived in the last `seconds`: so many a second, of which every `failing`th fails, each of `time` ms. */
function counted({ seconds, rate, failing = 0, time = 100, ago = 0 }: { seconds: number, rate: number, failing?: number, time?: number, ago?: number }): Completion[] {
  let count = 0
  return Array.from({ length: seconds }, (_, i) => {
    const failed = Array.from({ length: rate }, () => (failing && count++ % failing === 0 ? 1 : 0)).reduce<number>((sum, each) => sum + each, 0)
    return { ...route, second: second - ago - seconds + i, spans: rate, requests: rate, failed, durations: [[time * 1000, rate]] as [number, number][] }
  })
}

function outages(completions: Completion[], limits = defaultLimits, isFiring = false) {
  const counts = createSecondCounts()
  counts.add(completions)
  return findOutages([{ ...route, limits }], counts.tally, at, () => isFiring)
}

describe('T0', () => {
  it.each<[string, Completion[], boolean]>([
    ['every fourth request fails, at two a second', counted({ seconds: 60, rate: 2, failing: 4 }), true],
    ['every tenth does', counted({ seconds: 60, rate: 2, failing: 10 }), false],
    ['all fail since five seconds, at four a second', [...counted({ seconds: 55, rate: 4, ago: 5 }), ...counted({ seconds: 5, rate: 4, failing: 1 })], true],
    ['everything takes four times the limit', counted({ seconds: 60, rate: 2, time: 8_500 }), true],
    ['everything takes three times the limit', counted({ seconds: 60, rate: 2, time: 6_000 }), false],
    ['all fail, but only a dozen came in a minute', counted({ seconds: 12, rate: 1, failing: 1 }), false],
    ['nothing came', [], false],
  ])('%s', (_, completions, isFound) => {
    expect(outages(completions).length > 0).toBe(isFound)
  })

  it.each<[string, Completion[], boolean]>([
    ['while every eighth request fails', counted({ seconds: 60, rate: 2, failing: 8 }), true],
    ['until fewer than every tenth does', counted({ seconds: 60, rate: 2, failing: 16 }), false],
    ['while everything takes more than twice the limit', counted({ seconds: 60, rate: 2, time: 5_000 }), true],
    ['until nothing does', counted({ seconds: 60, rate: 2, time: 3_500 }), false],
    ['while a dozen come in a minute', counted({ seconds: 12, rate: 1, failing: 3 }), true],
  ])('goes on %s', (_, completions, goesOn) => {
    expect(outages(completions)).toEqual([])
    expect(outages(completions, defaultLimits, true).length > 0).toBe(goesOn)
  })

  it('takes the endpoint by its own limits', () => {
    expect(outages(counted({ seconds: 60, rate: 2, time: 1_000 }), { ...defaultLimits, latency: 200 })).toHaveLength(1)
    expect(outages(counted({ seconds: 60, rate: 2, failing: 4 }), { ...defaultLimits, errorCritical: 0.5 })).toEqual([])
  })

  it('says how many failed within how long, and since when', () => {
    const [finding] = outages([...counted({ seconds: 50, rate: 4, ago: 10 }), ...counted({ seconds: 10, rate: 4, failing: 1 })])
    expect(finding).toMatchObject({
      severity: 'critical', subject: route, onset: new Date(at.getTime() - 10_000),
      reason: { code: 'alerting.outage.errors', params: { count: 40, seconds: 10, ratio: { ratio: 1 } } },
    })
  })
})

describe('T0 of what is received here', () => {
  const register = { services: () => [], endpoints: () => [] }
  const detectionOf = (metrics = createCallSource()) => {
    metrics.operations = async () => {
      if (metrics.down) throw new AppError('source.unavailable', { source: 'embedded' })
      return { data: [], population: { kind: 'all' }, warnings: [] }
    }
    return createDetection({ clock: createFakeClock(at), metrics, register, receives: () => true, troubled: () => [], recent: { firing: () => new Map(), paged: () => new Map(), said: () => new Set() }, onTrouble: () => {} })
  }

  it('finds an outage without asking anybody', async () => {
    const detection = detectionOf()
    const [t0, steps] = detection.tiers
    await steps!.judge(at)
    detection.noteCompletions(counted({ seconds: 70, rate: 4, failing: 2 }))
    expect(await t0!.judge(at)).toMatchObject([{ rule: { id: 't0' }, findings: [{ subject: route }] }])
  })

  it.each<[string, 'embedded' | 'prometheus', number]>([['counts at once', 'embedded', 0], ['counts twenty seconds later', 'prometheus', 20_000]])('began when it did by a source that %s', async (_, name, late) => {
    const calls = Array.from({ length: 720 }, (_, i) => ({ ...route, at: new Date(at.getTime() - 180_000 + i * 250) }))
    const began = at.getTime() - 50_000
    const metrics = { ...createCallSource(calls.filter(call => call.at.getTime() < at.getTime() - late).map(call => ({ ...call, status: call.at.getTime() < began ? 200 : 502 }))), name }
    const [t0, steps] = detectionOf(metrics).tiers
    await steps!.judge(at)
    expect(await t0!.judge(at)).toMatchObject([{ findings: [{ onset: new Date(began) }] }])
  })

  it('judges by the source until a minute was counted, and is in error where that is away', async () => {
    const metrics = createCallSource(Array.from({ length: 240 }, (_, i) => ({ ...route, at: new Date(at.getTime() - 60_000 + i * 250), status: i % 2 ? 200 : 502 })))
    const detection = detectionOf(metrics)
    const [t0, steps] = detection.tiers
    expect(await t0!.judge(at)).toEqual([])
    await steps!.judge(at)
    expect(await t0!.judge(at)).toMatchObject([{ findings: [{ subject: route }] }])
    metrics.down = true
    await expect(async () => steps!.judge(new Date(at.getTime() + 10_000))).rejects.toThrow()
    await expect(async () => t0!.judge(new Date(at.getTime() + 10_000))).rejects.toThrow('source.unavailable')
  })
})

describe('T0 of a source that counts elsewhere', () => {
  const began = at.getTime() - 20_000
  /** Four a second for three minutes, of which all fail since `began`. */
  const calls = Array.from({ length: 900 }, (_, i) => new Date(at.getTime() - 180_000 + i * 250)).map(when => ({ ...route, at: when, status: when.getTime() < began ? 200 : 502 }))

  /** What the source has counted by then, a gust every five seconds. */
  function counting() {
    const metrics = { ...createCallSource([]), name: 'prometheus' as const }
    let by = began
    metrics.requests = query => createCallSource(calls.filter(call => call.at.getTime() < by)).requests(query)
    metrics.operations = async () => ({ data: [], population: { kind: 'all' as const }, warnings: [] })
    const [t0, steps] = createDetection({ clock: createFakeClock(at), metrics, register: { services: () => [], endpoints: () => [] }, receives: () => false, troubled: () => [], recent: { firing: () => new Map(), paged: () => new Map(), said: () => new Set() }, onTrouble: () => {} }).tiers
    return {
      steps: steps!,
      async look(slot: number, late: number) {
        by = slot - late
        return await t0!.judge(new Date(slot))
      },
    }
  }

  it('is asked anew in every slot, and takes what held a look ago for the first of two', async () => {
    const { steps, look } = counting()
    await steps.judge(new Date(began))
    // The newest steps are all of one slot's reading: none of them came with another one.
    expect(await look(began + 5_000, 0)).toMatchObject([{ rule: { id: 't0', for: 0 }, findings: [] }])
    expect(await look(began + 10_000, 0)).toMatchObject([{ findings: [{ subject: route, onset: new Date(began) }] }])
  })

  it('waits for the second look at other counters, however often these are looked at', async () => {
    const { steps, look } = counting()
    await steps.judge(new Date(began))
    for (const late of [0, 5_000, 10_000]) expect(await look(began + 5_000 + late, late)).toMatchObject([{ findings: [] }])
    expect(await look(began + 25_000, 15_000)).toMatchObject([{ findings: [{ onset: new Date(began) }] }])
  })
})
