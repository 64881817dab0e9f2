import { describe, expect, it } from 'vitest'
import { diagnose, learnProfile, mergeProfiles } from '../../../../server/diagnosis/diagnosis'
import { collect, inputOf, jitter, onset, requests } from '../../../support/diagnosis'

const MINUTE = 60e6
const traces = requests((index, isIncident) => {
  const work = (isIncident ? 90 : 10) * jitter(index)
  const isFailed = index % 50 === 0
  return { service: 'shop', name: 'GET /x', from: 0, to: work + 6, failed: isFailed, inside: [
    { service: 'shop', name: 'SELECT x', kind: 'client', from: 1, to: 1 + work, remote: 'shop-db' },
    ...index % 4 ? [] : [{ service: 'shop', name: 'GET', kind: 'client' as const, from: 2 + work, to: 5 + work, remote: 'cache' }],
  ] }
})
const past = traces.filter(spans => spans[0]!.start < onset - MINUTE)
const now = traces.filter(spans => spans[0]!.start >= onset)

describe('a profile instead of old traces', () => {
  const whole = learnProfile(collect(past), { from: onset - 11 * MINUTE, to: onset - MINUTE })

  it('gives the verdict that the traces themselves give', () => {
    const fromTraces = diagnose(inputOf(traces, { onset }))
    const fromProfile = diagnose(inputOf(now, { onset, baseline: whole }))
    expect(fromProfile.culprit).toEqual({ service: 'shop', operation: 'SELECT x', remote: 'shop-db', type: 'slow_dependency' })
    expect(fromProfile.culprit).toEqual(fromTraces.culprit)
    expect(fromProfile.decomposition.before).toBeCloseTo(fromTraces.decomposition.before, 6)
    expect(fromProfile.decomposition.rows.map(({ change }) => change)).toEqual(fromTraces.decomposition.rows.map(({ change }) => expect.closeTo(change, 6)))
  })

  it('is learned minute by minute as well as at once', () => {
    const minutes = Array.from({ length: 10 }, (_, minute) => {
      const from = onset - (11 - minute) * MINUTE
      return learnProfile(collect(past.filter(spans => spans[0]!.start >= from && spans[0]!.start < from + MINUTE)), { from, to: from + MINUTE })
    })
    const merged = mergeProfiles(minutes)
    expect(merged.seconds).toBe(600)
    const verdict = (baseline: typeof whole) => diagnose(inputOf(now, { onset, baseline }))
    expect(verdict(merged)).toEqual({ ...verdict(whole), decomposition: expect.anything() })
    expect(verdict(merged).decomposition.before).toBeCloseTo(verdict(whole).decomposition.before, 6)
  })

  it('survives being written down, in a few kilobytes', () => {
    const text = JSON.stringify(whole)
    expect(text.length).toBeLessThan(10_000)
    expect(diagnose(inputOf(now, { onset, baseline: JSON.parse(text) }))).toEqual(diagnose(inputOf(now, { onset, baseline: whole })))
  })

  it('knows what no longer happens', () => {
    const without = now.map(spans => spans.filter(span => span.attributes['server.address'] !== 'cache'))
    const { decomposition } = diagnose(inputOf(without, { onset, baseline: whole }))
    expect(decomposition.rows.find(({ remote }) => remote === 'cache')!.change).toBeLessThan(0)
  })
})
