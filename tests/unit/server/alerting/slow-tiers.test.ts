import { describe, expect, it } from 'vitest'
import { findBurnRates } from '#server/alerting/detection/burn-rates'
import { findDrifts } from '#server/alerting/detection/drifts'
import { findDrops, findSilent } from '#server/alerting/detection/drops'
import { findGaps } from '#server/alerting/detection/gaps'
import { findQueueLags } from '#server/alerting/detection/queues'
import { Memory } from '#server/alerting/detection/series'
import { DAY, HOUR, MINUTE } from '#shared/units'
import { randomOf } from '../../../support/simulated-platform'
import { at, look, red, steps, type Thing } from '../../../support/series'

const entry: Thing = { service: 'gateway', method: 'POST', routeKey: '/process' }

describe('T0, requests that no longer end', () => {
  const call: Thing = { service: 'gateway', kind: 'call', operation: 'POST', remote: 'auth', remoteKind: 'service' }

  it.each<[string, Thing[], boolean]>([
    ['while calls on their way go on', [{ ...entry, now: steps(3, { calls: 2 }) }, call], true],
    ['with the calls: nobody can tell it from silence', [{ ...entry, now: steps(3, { calls: 2 }) }, { ...call, now: steps(3, { calls: 2 }) }], false],
    ['by half only', [{ ...entry, now: steps(3, { calls: 10 }) }, call], false],
    ['at night, when few come anyway', [{ ...entry, usual: { calls: 3 }, now: steps(3, { calls: 0 }) }, { ...call, usual: { calls: 3 } }], false],
  ])('%s', (_, things, isFound) => {
    const { view, graph } = look(things)
    expect(findDrops(view, graph).length > 0).toBe(isFound)
  })

  it('are no data where nothing at all comes', () => {
    const silent = look([{ ...entry, now: steps(6, { calls: 0 }) }])
    expect(findSilent(silent.view, silent.graph)).toEqual([{ service: 'gateway', method: 'POST', routeKey: '/process' }])
    const rare = look([{ ...entry, usual: { calls: 0.1 }, now: steps(6, { calls: 0 }) }])
    expect(findSilent(rare.view, rare.graph)).toEqual([])
  })
})

describe('queues', () => {
  const sent: Thing = { service: 'shop', kind: 'send', operation: 'publish', remote: 'orders', remoteKind: 'messaging', usual: { calls: 10 } }
  const taken: Thing = { service: 'worker', method: '', routeKey: 'orders', usual: { calls: 10 } }

  it.each<[string, Thing[], boolean]>([
    ['that are fetched every half minute', [sent, { ...taken, now: Array.from({ length: 12 }, (_, i) => ({ calls: i % 3 === 2 ? 30 : 0 })) }], true],
    ['that are fetched at half the rate', [sent, { ...taken, now: steps(12, { calls: 5 }) }], true],
    ['that hold a burst for a moment', [{ ...sent, now: [{ calls: 30 }] }, { ...taken, now: [{ calls: 30 }] }], false],
    ['that nobody fetches from', [sent, { ...taken, now: steps(12, { calls: 0 }) }], true],
    ['that two groups read', [sent, { ...taken, usual: { calls: 20 } }], false],
    ['of which one in ten is seen, and two of those are on their way', [{ ...sent, usual: { calls: 1, each: 10 } }, { ...taken, usual: { calls: 1, each: 10 }, now: Array.from({ length: 12 }, (_, i) => ({ calls: i < 2 ? 0 : 1, each: 10 })) }], false],
    ['of which one in ten is seen, and six of those wait', [{ ...sent, usual: { calls: 1, each: 10 } }, { ...taken, usual: { calls: 1, each: 10 }, now: Array.from({ length: 12 }, (_, i) => ({ calls: i < 6 ? 0 : 1, each: 10 })) }], true],
    ['of which a tenth is never seen taken', [sent, { ...taken, usual: { calls: 9 } }], false],
  ])('%s', (_, things, isFound) => {
    const { view, minutes } = look(things)
    expect(findQueueLags(view, minutes).length > 0).toBe(isFound)
  })

  it('say how long a message waits', () => {
    const { view, minutes } = look([sent, { ...taken, now: steps(12, { calls: 5 }) }])
    const [finding] = findQueueLags(view, minutes)
    expect(finding).toMatchObject({ severity: 'warning', subject: { service: 'worker', method: '', routeKey: 'orders' } })
    // 5 a step are left for two minutes: 60 in the end, 47 on average over the last minute, at one a second.
    expect(finding!.reason.params).toMatchObject({ queue: 'orders', count: 48, wait: { micros: 47_500_000 } })
  })
})

describe('services that fall silent', () => {
  const orders: Thing = { service: 'orders', method: 'GET', routeKey: '/o', usual: { calls: 10 } }
  const call: Thing = { service: 'gateway', kind: 'call', operation: 'GET', remote: 'orders', remoteKind: 'service', usual: { calls: 10 } }
  const silent = { ...orders, now: steps(6, { calls: 0 }) }

  it.each<[string, Thing[], boolean]>([
    ['while calls to it go on', [silent, call], true],
    ['for half a minute', [{ ...orders, now: steps(3, { calls: 0 }) }, call], false],
    ['on one of two routes', [silent, { ...orders, routeKey: '/other' }, call], false],
    ['and is called no more', [silent, { ...call, now: steps(6, { calls: 1 }) }], false],
    ['and cannot be reached', [silent, { ...call, now: steps(6, { failed: 5, calls: 10 }) }], false],
    ['that has two requests in a minute', [{ ...silent, usual: { calls: 1 / 3 }, now: steps(18, { calls: 0 }) }, call], false],
    ['that has eight in a minute, for three', [{ ...silent, usual: { calls: 4 / 3 }, now: steps(18, { calls: 0 }) }, call], true],
  ])('%s', (_, things, isFound) => {
    expect(findGaps(look(things).view).map(({ subject, severity }) => ({ subject, severity }))).toEqual(isFound ? [{ subject: { service: 'orders' }, severity: 'warning' }] : [])
  })
})

describe('T1', () => {
  const judge = (things: Thing[], { availability = undefined as number | undefined, hours = 2, paged = undefined as Date | undefined, isFiring = false, wasSaid = false } = {}) => {
    const { view, graph } = look(things, { hours })
    return findBurnRates(view, graph, { objectiveOf: () => availability, pagedUntil: () => paged, isFiring: () => isFiring, wasSaid: () => wasSaid })
  }

  it.each<[string, Thing[], string | undefined]>([
    ['14.4 times the budget in an hour and in five minutes', [{ ...entry, usual: { calls: 100, failed: 2 } }], 'critical'],
    ['2 % in a good minute of the last hour', [{ ...entry, usual: { calls: 100 }, now: steps(7, { calls: 100, failed: 2 }) }], undefined],
    ['ten times the budget, of which the two hours that are known make too little of a day', [{ ...entry, usual: { calls: 1000, failed: 1 } }], undefined],
    ['one failure at night, of one in ten that are seen', [{ ...entry, usual: { calls: 0.1, each: 10 }, now: [{ calls: 1, failed: 1, each: 10 }] }], undefined],
    ['one failure at night', [{ ...entry, usual: { calls: 0.1 }, now: [{ calls: 1, failed: 1 }] }], undefined],
    ['an inner route', [{ ...entry, service: 'orders', usual: { calls: 100, failed: 5 } }, { service: 'gateway', kind: 'call', operation: 'POST', remote: 'orders', remoteKind: 'service' }], undefined],
  ])('%s', (_, things, severity) => {
    expect(judge(things)[0]?.severity).toBe(severity)
  })

  it('is not raised for what pages already, nor for what did so while it lasted', () => {
    const things: Thing[] = [{ ...entry, usual: { calls: 100, failed: 5 }, now: steps(18, { calls: 100 }) }]
    expect(judge(things)).toHaveLength(1)
    expect(judge(things, { paged: at })).toEqual([])
    expect(judge(things, { paged: new Date(at.getTime() - 3 * MINUTE) })).toEqual([])
  })

  it('goes on while the short window burns at half the rate', () => {
    const things: Thing[] = [{ ...entry, usual: { calls: 100, failed: 2 }, now: steps(30, { calls: 100, failed: 1 }) }]
    expect(judge(things, { hours: 1 })).toEqual([])
    expect(judge(things, { hours: 1, isFiring: true })).toMatchObject([{ reason: { params: { hours: 1 } } }])
    expect(judge([{ ...things[0]!, now: steps(30, { calls: 100 }) }], { hours: 1, isFiring: true })).toEqual([])
  })

  describe('of what always fails', () => {
    const always: Thing = { ...entry, usual: { calls: 100, failed: 10 } }

    it('says it of an endpoint that nobody registered, and then no more', () => {
      expect(judge([always], { hours: 5 })).toMatchObject([{ severity: 'critical' }])
      expect(judge([always], { hours: 5, wasSaid: true })).toEqual([])
    })

    it('says it again when it becomes far worse', () => {
      expect(judge([{ ...always, now: steps(60, { calls: 600, failed: 300 }) }], { hours: 5, wasSaid: true })).toMatchObject([{ severity: 'critical' }])
    })

    it('goes on saying so of one that was promised to be better', () => {
      expect(judge([always], { hours: 5, wasSaid: true, availability: 0.999 })).toMatchObject([{ severity: 'critical' }])
    })

    it('says so of what failed once and was well since', () => {
      expect(judge([{ ...entry, usual: { calls: 100 }, now: steps(60, { calls: 600, failed: 60 }) }], { hours: 5, wasSaid: true })).toMatchObject([{ severity: 'critical' }])
    })
  })

  it('holds an endpoint to its own objective', () => {
    const things: Thing[] = [{ ...entry, usual: { calls: 100, failed: 2 } }]
    expect(judge(things, { availability: 0.95 })).toEqual([])
    expect(judge(things)[0]!.reason).toMatchObject({ code: 'alerting.burn', params: { hours: 1, ratio: { ratio: 0.02 } } })
  })
})

describe('T4', () => {
  /** Ten-minute medians in ms: `level` by the age of a point, noise of 5 %, and a day that is slower by day. */
  function memoryOf(level: (age: number) => number, days = 6) {
    const memory = new Memory()
    const random = randomOf(3)
    for (let time = at.getTime() - days * DAY; time < at.getTime(); time += 10 * MINUTE) {
      const day = 1 + 0.3 * Math.sin((time % DAY) / DAY * 2 * Math.PI)
      const time50 = level(at.getTime() - time) * day * (1 + 0.1 * (random() - 0.5))
      memory.addRequests([{ ...red({ time: time50 }), service: 'gateway', method: 'GET', routeKey: '/orders', at: new Date(time) }], 'tens')
    }
    return memory
  }

  const drifts = (memory: Memory) => findDrifts({ memory, at }, async () => {})

  it('finds what is slower for good since a deployment, and dates it', async () => {
    const [finding] = await drifts(memoryOf(age => (age <= 8 * HOUR ? 125 : 100)))
    expect(finding).toMatchObject({ severity: 'warning', reason: { code: 'alerting.drift' } })
    expect(Math.abs(finding!.onset.getTime() - (at.getTime() - 8 * HOUR))).toBeLessThanOrEqual(30 * MINUTE)
  })

  it.each([
    ['days that go up and down', () => 100],
    ['a change of 5 %', (age: number) => (age <= 8 * HOUR ? 105 : 100)],
    ['what became faster', (age: number) => (age <= 8 * HOUR ? 75 : 100)],
    ['what changed three days ago', (age: number) => (age <= 3 * DAY ? 130 : 100)],
    ['half an hour of trouble', (age: number) => (age <= 3 * HOUR && age > 2.5 * HOUR ? 300 : 100)],
  ])('leaves %s', async (_, level) => {
    expect(await drifts(memoryOf(level))).toEqual([])
  })

  it('says nothing before three days are known', async () => {
    expect(await drifts(memoryOf(age => (age <= 8 * HOUR ? 150 : 100), 2))).toEqual([])
  })
})
