import { describe, expect, it } from 'vitest'
import { findAnomalies } from '#server/alerting/detection/anomalies'
import { look, steps, type Figures, type Thing } from '../../../support/series'

const entry: Thing = { service: 'gateway', method: 'GET', routeKey: '/orders', usual: { time: 200 } }
const edge: Thing = { service: 'gateway', kind: 'call', operation: 'GET', remote: 'orders', remoteKind: 'service' }
const inner: Thing = { service: 'orders', method: 'GET', routeKey: '/o' }

function found(things: Thing[], options?: Parameters<typeof look>[1]) {
  const { view, graph } = look(things, options)
  return findAnomalies(view, graph)
}

describe('T2, slower', () => {
  it.each<[string, Figures, Figures[], boolean]>([
    ['three steps at three times the time', {}, steps(3, { time: 300 }), true],
    ['two of them', {}, steps(2, { time: 300 }), false],
    ['three of which one is as usual', {}, [{ time: 400 }, { time: 100 }, { time: 400 }], false],
    ['many calls at 2.5 times', { calls: 40 }, steps(3, { calls: 40, time: 250 }), true],
    ['many calls at 1.4 times', { calls: 40 }, steps(3, { calls: 40, time: 140 }), false],
    ['a change of 20 ms, whatever the ratio', { time: 5 }, steps(3, { time: 25 }), false],
    ['many calls at 1.6 times for half a minute', { calls: 40, time: 200 }, steps(3, { calls: 40, time: 320 }), false],
    ['many calls at 1.6 times for two minutes', { calls: 40, time: 200 }, steps(12, { calls: 40, time: 320 }), true],
    ['one pause in two minutes that are a little slower', { calls: 40, time: 200 }, Array.from({ length: 12 }, (_, i) => ({ calls: 40, time: i === 5 ? 2260 : 226 })), false],
    ['one call in twenty seconds, four times as slow', { calls: 1 }, steps(6, { calls: 1, time: 600 }), true],
    ['three calls in a minute', { calls: 1 }, [{ calls: 0 }, { calls: 1, time: 900 }, { calls: 0 }, { calls: 1, time: 900 }, { calls: 0 }, { calls: 1, time: 900 }], false],
  ])('%s', (_, usual, now, isFound) => {
    expect(found([{ ...edge, usual, now }]).length > 0).toBe(isFound)
  })

  it('asks for more while it knows few minutes, and says nothing before five', () => {
    const slower = [{ ...edge, now: steps(3, { time: 250 }) }]
    expect(found(slower)).toHaveLength(1)
    expect(found(slower, { hours: 1 / 3 })).toEqual([])
    expect(found([{ ...edge, now: steps(3, { time: 400 }) }], { hours: 1 / 3 })).toHaveLength(1)
    // Ten minutes are the steps of the test itself; the route must be new within them.
    expect(found([{ ...edge, usual: { calls: 0 }, now: steps(20, { time: 900 }) }], { hours: 1 / 6 })).toEqual([])
  })

  it('goes on until less than half of it is left', () => {
    const half = [{ ...edge, now: steps(3, { time: 200 }) }]
    expect(found(half)).toEqual([])
    expect(found(half, { firing: ['t2 gateway'] })).toHaveLength(1)
    expect(found([{ ...edge, now: steps(3, { time: 130 }) }], { firing: ['t2 gateway'] })).toEqual([])
  })

  it('excuses what is so every week at this hour', () => {
    const nightly = [{ ...edge, now: steps(3, { time: 300 }) }]
    expect(found(nightly, { weekly: { gateway: 280 } })).toEqual([])
    expect(found(nightly, { weekly: { gateway: 110 } })).toHaveLength(1)
  })

  describe('for so long that it is usual by now', () => {
    const slow: Thing[] = [{ ...edge, usual: { time: 300 } }]
    const firing = { firing: ['t2 gateway'], before: 100 }

    it.each<[string, Parameters<typeof look>[1], Thing[], boolean]>([
      ['goes on where the endpoint promises less', { ...firing, promised: 500 }, slow, true],
      ['ends where that is what it promises', { ...firing, promised: 700 }, slow, false],
      ['goes on where it was not so in other weeks', { ...firing, weekly: { gateway: 110 } }, slow, true],
      ['ends where it was', { ...firing, weekly: { gateway: 280 } }, slow, false],
      ['ends where nobody says what should be', firing, slow, false],
      ['ends where it is as before', { ...firing, promised: 150 }, [{ ...slow[0]!, now: steps(12, { time: 105 }) }], false],
      ['does not begin with it', { before: 100, promised: 500 }, slow, false],
    ])('%s', (_, options, things, goesOn) => {
      const codes = found(things, options).map(({ reason }) => reason.code)
      expect(codes).toEqual(goesOn ? ['alerting.anomaly.lasting'] : [])
    })
  })

  it('dates the onset back to where the unbroken run began', () => {
    const [finding] = found([{ ...edge, now: steps(5, { time: 400 }) }])
    expect(finding!.onset.toISOString()).toBe('2026-11-23T13:59:10.000Z')
    expect(finding!.reason).toMatchObject({ code: 'alerting.anomaly.latency', params: { usual: { micros: 100_000 }, now: { micros: 400_000 } } })
  })
})

describe('T2, failing', () => {
  it.each<[string, Figures, Figures[], boolean]>([
    ['one in ten for forty seconds', {}, steps(4, { failed: 2 }), true],
    ['one in ten for twenty seconds', {}, steps(2, { failed: 2 }), false],
    ['one in ten that is over', {}, [...steps(4, { failed: 2 }), ...steps(2, {})], false],
    ['one in six of few calls, for three minutes', { calls: 2 }, Array.from({ length: 18 }, (_, i) => ({ calls: 2, failed: i % 3 ? 0 : 1 })), true],
    ['a burst, and one now and then', {}, Array.from({ length: 18 }, (_, i) => ({ failed: i === 8 || i === 9 ? 6 : i === 2 || i === 15 ? 1 : 0 })), false],
    ['one in ten where one in ten is usual', { failed: 2 }, steps(6, { failed: 2 }), false],
    ['one in a hundred', { calls: 100 }, steps(6, { calls: 100, failed: 1 }), false],
    ['refusals, however many', {}, steps(6, { refused: 20 }), false],
    ['two failures a minute', { calls: 5 }, [{ calls: 5, failed: 1 }, ...steps(4, { calls: 5 }), { calls: 5, failed: 1 }], false],
  ])('%s', (_, usual, now, isFound) => {
    expect(found([{ ...edge, usual, now }]).length > 0).toBe(isFound)
  })
})

describe('T2, who is told', () => {
  it('pages where an entry moved that leads there', () => {
    const things = [{ ...entry, now: steps(3, { time: 400 }) }, edge, { ...inner, now: steps(3, { time: 300 }) }]
    expect(found(things).filter(({ subject }) => subject.service === 'orders')).toMatchObject([{ severity: 'critical', subject: { service: 'orders', method: 'GET', routeKey: '/o' } }])
  })

  it('is an insight where no entry moved', () => {
    expect(found([entry, edge, { ...inner, now: steps(3, { time: 300 }) }])).toMatchObject([{ severity: 'info' }])
  })

  it('is an insight where the entry that moved leads elsewhere', () => {
    const other: Thing = { service: 'batch', method: 'POST', routeKey: '/run', usual: { time: 200 }, now: steps(3, { time: 240 }) }
    expect(found([entry, edge, { ...inner, now: steps(3, { time: 300 }) }, other]).filter(({ subject }) => subject.service === 'orders')).toMatchObject([{ severity: 'info' }])
  })

  it('takes a registered route for an entry, though another service calls it', () => {
    const things = [edge, { ...inner, now: steps(3, { time: 300 }) }]
    expect(found(things)).toMatchObject([{ severity: 'info' }])
    expect(found(things, { registered: ['orders GET /o'] })).toMatchObject([{ severity: 'critical' }])
  })
})
