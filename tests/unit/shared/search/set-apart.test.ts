import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setApart, type Profile } from '#shared/search/set-apart'

function profile(traces: number, fields: Record<string, Record<string, number>>): Profile {
  return { traces, values: Object.entries(fields).flatMap(([field, values]) => Object.entries(values).map(([value, count]) => ({ field, value, traces: count }))) }
}

describe('what sets a selection apart', () => {
  it('names the value that all of the selection has and few of the others', () => {
    const selected = profile(20, { 'error.type': { timeout: 20 }, 'consumer': { shop: 9, pay: 11 } })
    const all = profile(520, { 'error.type': { timeout: 150 }, 'consumer': { shop: 250, pay: 270 } })

    expect(setApart(selected, all)).toEqual({
      differences: [{ field: 'error.type', value: 'timeout', share: 1, others: 0.26 }],
      alike: ['consumer'],
      tooFew: false,
    })
  })

  it('says that nothing does when shares are the same', () => {
    const { differences, alike } = setApart(
      profile(40, { 'consumer': { shop: 20, pay: 20 }, 'service.version': { '2.8.0': 40 } }),
      profile(400, { 'consumer': { shop: 210, pay: 190 }, 'service.version': { '2.8.0': 400 } }),
    )
    expect(differences).toEqual([])
    expect(alike).toEqual(['consumer', 'service.version'])
  })

  it('does not take a large share of few traces for a finding', () => {
    expect(setApart(profile(6, { consumer: { shop: 3, pay: 3 } }), profile(300, { consumer: { shop: 80, pay: 220 } })).differences).toEqual([])
  })

  it('does not name a value held by fewer than three', () => {
    expect(setApart(profile(5, { consumer: { shop: 2 } }), profile(2_000, { consumer: { shop: 2 } })).differences).toEqual([])
  })

  it('does not bother with a difference that is certain but small', () => {
    expect(setApart(profile(20_000, { consumer: { shop: 11_000 } }), profile(60_000, { consumer: { shop: 31_000 } })).differences).toEqual([])
  })

  it('puts the most telling first', () => {
    const { differences } = setApart(
      profile(50, { status: { 502: 50 }, consumer: { shop: 40 } }),
      profile(550, { status: { 502: 60 }, consumer: { shop: 200 } }),
    )
    expect(differences.map(({ field }) => field)).toEqual(['status', 'consumer'])
  })

  it.each([[4, 500], [500, 503]])('keeps quiet with %i of %i selected', (selected, all) => {
    expect(setApart(profile(selected, { status: { 502: selected } }), profile(all, { status: { 502: selected } }))).toMatchObject({ differences: [], tooFew: true })
  })

  it('finds nothing in selections drawn by chance', () => {
    let state = 7
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    let found = 0
    for (let round = 0; round < 200; round++) {
      const consumers = Array.from({ length: 500 }, () => `c${Math.floor(random() * 10)}`)
      const count = (list: string[]) => Object.fromEntries([...new Set(list)].map(value => [value, list.filter(other => other === value).length]))
      found += setApart(profile(30, { consumer: count(consumers.slice(0, 30)) }), profile(500, { consumer: count(consumers) })).differences.length
    }
    expect(found).toBeLessThanOrEqual(2)
  })

  it('survives counts that do not add up, as two budgeted samples may', () => {
    fc.assert(fc.property(fc.nat(50), fc.nat(50), fc.nat(60), fc.nat(60), (n, all, hits, allHits) => {
      const { differences } = setApart(profile(n, { f: { v: hits } }), profile(all, { f: { v: allHits } }))
      return differences.every(({ others }) => others >= 0 && others <= 1)
    }))
  })
})
