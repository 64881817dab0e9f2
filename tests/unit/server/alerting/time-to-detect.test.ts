import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'
import { createSimulatedPlatform, from, randomOf, type Conditions } from '../../../support/simulated-platform'
import { watch, type Fired } from '../../../support/watched-platform'

const morning = Math.floor(Date.parse('2026-11-02T00:00:00Z') / DAY) * DAY + 14 * HOUR
const seeds = 12

/** What fired first in each of several runs, and how long after the fault; nothing may have fired before it. */
async function detect(fault: Partial<Conditions>, { warm = HOUR, severity = 'critical', rate = 1.2 } = {}) {
  const firsts: (Fired & { after: number })[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const onset = morning + warm + Math.floor(randomOf(seed * 77)() * 10 * SECOND)
    const watched = watch(createSimulatedPlatform({ seed, weather: from(onset, fault), rate }))
    await watched.run(morning, morning + warm + 3 * MINUTE)
    const first = watched.fired.filter(({ finding }) => finding.severity === severity).sort((a, b) => a.at - b.at)[0]
    if (first) firsts.push({ ...first, after: (first.at - onset) / 1000 })
  }
  const after = firsts.map(first => first.after).sort((a, b) => a - b)
  return { firsts, detected: firsts.length, earliest: after[0], median: after[after.length >> 1], slowest: after.at(-1) }
}

/** Steps are whole when they are judged: what senders keep back before they send comes on top, one to five seconds. */
describe('time to detect', () => {
  it.each([
    ['a total failure, 20 s', { failing: { 'POST /process': 1 } }, { median: 20.5, slowest: 30 }],
    ['two thirds that fail for a limit of 8 s', { slower: { 'business>external': 50 }, failing: { 'POST /process': 0.66 } }, { median: 23, slowest: 30 }],
    ['a slow-down by 3 on an edge of a request a second, 45 s', { slower: { 'business>external': 3 } }, { median: 45, slowest: 90 }],
    ['calls for each request that were rare, 30 s', { oftener: { 'auth>keys': 330 }, slower: { 'auth validate': 27 } }, { median: 25, slowest: 30 }],
    ['the same before anybody notices, 30 s', { oftener: { 'auth>keys': 330 } }, { median: 25, slowest: 30 }],
    ['5 % failures on one route at 5 requests a second, 60 s', { busier: { 'POST /process': 2 }, failing: { 'POST /process': 0.05 } }, { median: 55, slowest: 75 }],
  ])('%s', async (_, fault, bar) => {
    const { detected, earliest, median, slowest } = await detect(fault)
    expect(detected).toBe(seeds)
    expect(earliest).toBeGreaterThan(0)
    expect(median).toBeLessThanOrEqual(bar.median)
    expect(slowest).toBeLessThanOrEqual(bar.slowest)
  }, 60_000)

  it('knows a call rate after five minutes of health', async () => {
    const { firsts, slowest } = await detect({ oftener: { 'auth>keys': 330 }, slower: { 'auth validate': 27 } }, { warm: 5 * MINUTE })
    expect(firsts).toHaveLength(seeds)
    expect(slowest).toBeLessThanOrEqual(30)
    expect(firsts.filter(({ rule }) => rule.id === 't3').length).toBeGreaterThan(seeds / 2)
  }, 60_000)

  it('keeps what no consumer notices as an insight', async () => {
    const quiet = await detect({ oftener: { 'business>db': 4 } }, { severity: 'info' })
    expect(quiet.firsts.map(({ rule, finding }) => `${rule.id} ${finding.subject.remote}`)).toEqual(Array.from({ length: seeds }, () => 't3 postgresql/orders'))
    expect((await detect({ oftener: { 'business>db': 4 } })).firsts).toEqual([])
  }, 60_000)
})
