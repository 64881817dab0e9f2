import { describe, expect, it } from 'vitest'
import { isCalm } from '#server/incidents/incident-rules'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { calm, createSimulatedPlatform, from, randomOf, type Conditions } from '../../../support/simulated-platform'
import { watch } from '../../../support/watched-platform'

const afternoon = Math.floor(Date.parse('2026-11-02T00:00:00Z') / DAY) * DAY + 14 * HOUR
const lasts = 10 * MINUTE
const seeds = 6

/** Every path of one route fails, as behind a version that half of its calls go to. */
const failing = (route: string, share: number): Partial<Conditions> => ({ failing: { [route]: share, [`gateway>business ${route}`]: share, [`business ${route}`]: share } })

/**
 * A fault that lasts for ten minutes, on platforms that have been watched for `warm`: how often nothing at all fired for
 * a minute while it lasted, so that its incident was over, and how long after it the last one was over (seconds).
 */
async function follow(fault: Partial<Conditions>, { warm = 20 * MINUTE, rate = 1.2 } = {}) {
  let flaps = 0
  let found = 0
  const after: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const onset = afternoon + warm + Math.floor(randomOf(seed * 77)() * 10 * SECOND)
    const during = from(onset, fault)
    const watched = watch(createSimulatedPlatform({ seed, weather: (at, random) => (at >= onset + lasts ? calm : during(at, random)), rate }))
    await watched.run(afternoon, afternoon + warm + lasts + 6 * MINUTE)
    const alerts = watched.fired.filter(({ finding: { severity } }) => severity !== 'info')
      .map(({ at, ended, rule, finding: { severity } }) => ({ startedAt: at, severity, ended: ended ?? Infinity, lastFiredAt: new Date((ended ?? Infinity) - rule.keepFiring) }))
    const isOver = (at: number) => isCalm(alerts.filter(({ startedAt }) => startedAt <= at).map(alert => ({ ...alert, endedAt: alert.ended <= at ? new Date(alert.ended) : null })), new Date(at))
    const first = Math.min(...alerts.map(({ startedAt }) => startedAt).filter(at => at >= onset))
    if (first > onset + lasts) continue
    found++
    let last = first
    for (let at = first; at <= onset + lasts + 6 * MINUTE; at += 5 * SECOND) {
      if (!isOver(at)) last = at
      else if (at <= onset + lasts && !isOver(at - 5 * SECOND)) flaps++
    }
    after.push((last - onset - lasts) / 1000)
  }
  after.sort((a, b) => a - b)
  return { found, flaps, median: after[after.length >> 1], slowest: after.at(-1) }
}

describe('a slow-down for good', () => {
  const slower = { slower: { 'business>external': 4 } }
  const endpoint = { service: 'gateway', method: 'POST', routeKey: '/process' }

  it.each([
    ['is an alert for as long as it lasts where the endpoint promises less', 500, 4],
    ['is usual after two hours where it does not', undefined, 2],
  ])('%s', async (_, latencyObjective, hours) => {
    const onset = afternoon + 30 * MINUTE
    const end = onset + 4 * HOUR
    const during = from(onset, slower)
    const watched = watch(createSimulatedPlatform({ seed: 3, weather: (at, random) => (at >= end ? calm : during(at, random)) }), { endpoints: [{ ...endpoint, ...(latencyObjective && { latencyObjective }) }] })
    await watched.run(afternoon, end + 10 * MINUTE)
    const alerts = watched.fired.filter(({ finding: { subject } }) => subject.routeKey === '/process')
    expect(alerts.map(({ rule }) => rule.id)).toEqual(['t2'])
    expect((alerts[0]!.ended! - onset) / HOUR).toBeGreaterThan(hours)
    expect((alerts[0]!.ended! - onset) / HOUR).toBeLessThan(hours + 0.2)
  }, 60_000)
})

describe('a fault that lasts is one incident, which is over when it is', () => {
  it.each<[string, Partial<Conditions>, Parameters<typeof follow>[1]]>([
    ['a third of the payments fail, two a minute', failing('POST /payments', 0.35), { rate: 0.3 }],
    ['a third of the payments fail, one in three seconds', failing('POST /payments', 0.35), {}],
    ['the same before anything usual is known', failing('POST /payments', 0.35), { warm: 3 * MINUTE }],
    ['the same, where just enough come to be judged', failing('POST /payments', 0.35), { warm: 3 * MINUTE, rate: 0.4 }],
    ['a tenth of the payments fail', failing('POST /payments', 0.1), { rate: 3 }],
    ['5 % of the main route fail', failing('POST /process', 0.05), {}],
    ['an edge takes three times as long', { slower: { 'business>external': 3 } }, {}],
    ['a limit of 8 s cuts two of three calls', { slower: { 'business>external': 50 }, failing: { 'POST /process': 0.66 } }, {}],
    ['a key is fetched for each request', { oftener: { 'auth>keys': 330 }, slower: { 'auth validate': 27 } }, {}],
  ])('%s', async (_, fault, platform) => {
    const { found, flaps, median, slowest } = await follow(fault, platform)
    expect(found).toBe(seeds)
    expect(flaps).toBe(0)
    expect(median).toBeLessThanOrEqual(130)
    expect(slowest).toBeLessThanOrEqual(200)
  }, 60_000)
})
