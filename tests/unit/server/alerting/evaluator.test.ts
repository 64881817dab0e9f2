import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AlertChange } from '#server/alerting/alert'
import { createAlerting, type Finding, type Judged, type Rule, type Tier } from '#server/alerting/alerting'
import { openControl, type Database } from '#server/db/client'
import { alerts, evaluationSlots } from '#server/db/control/schema'
import { AppError } from '#shared/errors'
import { HOUR, SECOND } from '#shared/units'
import { createControlDb } from '../../../support/control-db'
import { createFakeClock, type FakeClock } from '../../../support/fake-clock'
import { createCallSource } from '../../../support/metric-source'
import { temporaryFolder } from '../../../support/telemetry-store'

const start = new Date('2026-11-29T10:00:00Z')
const rule: Rule = { id: 'r', origin: 'own', for: 0, keepFiring: 0 }

function finding(service: string, rest: Partial<Finding> = {}): Finding {
  return { subject: { service }, severity: 'critical', onset: start, reason: { code: 'alerting.error.own' }, ...rest }
}

function tierOf(judge: (at: Date) => readonly Judged[] | Promise<readonly Judged[]>): Tier {
  return { name: 'own', every: 5 * SECOND, rules: () => [rule], judge }
}

function alertingOf({ db, clock, tier, onTrouble }: { db: Database, clock: FakeClock, tier: Tier, onTrouble?: (error: unknown) => void }) {
  return createAlerting({ db, clock, metrics: createCallSource(), register: { services: () => [], endpoints: () => [] }, tiers: [tier], receives: () => true, onTrouble })
}

/** A process of its own on a control file, judging whatever `found` holds at the time. */
function process(db: Database, clock: FakeClock, judge: (at: Date) => readonly Judged[] | Promise<readonly Judged[]>) {
  return alertingOf({ db, clock, tier: tierOf(judge), onTrouble: () => {} })
}

/** Lets what was begun come to its end. */
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('evaluation', () => {
  it('tells of an alert in the transaction that stores it, and again when that stands', async () => {
    const db = createControlDb()
    const clock = createFakeClock(start)
    const alerting = alertingOf({ db, clock, tier: tierOf(() => [{ rule, findings: [finding('shop')] }]) })
    const told: string[] = []
    alerting.onChanges((tx, changes) => told.push(`${changes[0]!.became} of ${tx.select().from(alerts).all().length}, in ${db.$client.inTransaction}`))
    alerting.afterCommit(changes => told.push(`${changes[0]!.became}, in ${db.$client.inTransaction}`))
    await alerting.evaluate(start)
    expect(told).toEqual(['firing of 1, in true', 'firing, in false'])
    expect(alerting.firing()).toMatchObject([{ rule: 'r', subject: { service: 'shop' }, startedAt: start }])
  })

  it('undoes a slot whose listener fails, and judges it again', async () => {
    const db = createControlDb()
    const alerting = alertingOf({ db, clock: createFakeClock(start), tier: tierOf(() => [{ rule, findings: [finding('shop')] }]) })
    const stop = alerting.onChanges(() => {
      throw new Error('no room for an incident')
    })
    await expect(alerting.evaluate(start)).rejects.toThrow('no room')
    expect(alerting.firing()).toEqual([])
    stop()
    await alerting.evaluate(start)
    expect(alerting.firing()).toHaveLength(1)
  })

  it('counts firings, and says when one grew worse and when it ended', async () => {
    const found: Finding[][] = [[finding('shop', { severity: 'info' })], [finding('shop')], [finding('shop', { severity: 'info' })], [], [finding('shop')]]
    const db = createControlDb()
    const alerting = alertingOf({ db, clock: createFakeClock(start), tier: tierOf(at => [{ rule, findings: found[(at.getTime() - start.getTime()) / 5000]! }]) })
    const changes: string[] = []
    alerting.afterCommit(all => changes.push(...all.map(({ alert, became }: AlertChange) => `${became} ${alert.severity}`)))
    for (let i = 0; i < found.length; i++) await alerting.evaluate(new Date(start.getTime() + i * 5000))
    expect(changes).toEqual(['firing info', 'worse critical', 'over critical', 'firing critical'])
    expect(db.select().from(alerts).all().map(({ episode }) => episode)).toEqual([1, 2])
  })

  it('holds a firing alert while its source is away, and says so', async () => {
    let away = false
    const db = createControlDb()
    const alerting = alertingOf({
      db, clock: createFakeClock(start),
      tier: tierOf(() => {
        if (away) throw new AppError('source.unavailable', { source: 'prometheus' })
        return [{ rule, findings: [finding('shop')] }]
      }),
    })
    await alerting.evaluate(start)
    away = true
    for (let i = 1; i < 200; i++) await alerting.evaluate(new Date(start.getTime() + i * 5000))
    expect(alerting.firing()).toHaveLength(1)
    expect(alerting.states().filter(({ rule }) => rule === 'r').map(({ subject, state }) => [subject?.service, state])).toEqual([[undefined, 'error'], ['shop', 'error']])
  })

  it('writes nothing of subjects that stand where they stood', async () => {
    const db = createControlDb()
    const silent = Array.from({ length: 50 }, (_, i) => ({ service: `service ${i}` }))
    const alerting = alertingOf({ db, clock: createFakeClock(start), tier: tierOf(() => [{ rule, findings: [], silent }]) })
    const written = async (slot: number) => {
      const changes = () => db.$client.prepare('select total_changes()').pluck().get() as number
      const before = changes()
      await alerting.evaluate(new Date(start.getTime() + slot * 5000))
      return changes() - before
    }
    expect(await written(0)).toBeGreaterThan(50)
    expect(await written(1)).toBeLessThan(10)
    expect(alerting.states().filter(({ state }) => state === 'no_data')).toHaveLength(50)
  })

  it('goes on with an alert after a restart', async () => {
    const db = createControlDb()
    const judge = tierOf(() => [{ rule, findings: [finding('shop')] }])
    const first = alertingOf({ db, clock: createFakeClock(start), tier: judge })
    await first.evaluate(start)
    first.start()()
    const second = alertingOf({ db, clock: createFakeClock(start), tier: judge })
    await second.evaluate(new Date(start.getTime() + 5000))
    expect(db.select().from(alerts).all()).toHaveLength(1)
  })

  it('judges a slot once, whoever asks', async () => {
    const asked: Date[] = []
    const alerting = alertingOf({ db: createControlDb(), clock: createFakeClock(start), tier: tierOf((at) => {
      asked.push(at)
      return []
    }) })
    await alerting.evaluate(start)
    await alerting.evaluate(start)
    expect(asked).toEqual([start])
  })
})

it('tells where it cannot be known who judges, and goes on', async () => {
  const db = createControlDb()
  const clock = createFakeClock(start)
  const troubles: unknown[] = []
  const alerting = alertingOf({ db, clock, tier: tierOf(() => [{ rule, findings: [finding('shop')] }]), onTrouble: error => troubles.push(error) })
  db.$client.exec('alter table evaluation_leases rename to away')
  const stop = alerting.start()
  await settled()
  expect(troubles).not.toHaveLength(0)
  db.$client.exec('alter table away rename to evaluation_leases')
  clock.advance(5 * SECOND)
  for (let turn = 0; turn < 10; turn++) await settled()
  expect(alerting.firing()).toHaveLength(1)
  stop()
})

describe('two processes on one control file', () => {
  /** Runs 500 slots of both; `kill` says when the one that judges dies without a word, and another starts. */
  async function race({ slots = 500, killEvery = Infinity }: { slots?: number, killEvery?: number }) {
    const path = join(temporaryFolder(), 'control.sqlite')
    const clock = createFakeClock(start)
    const judged: string[] = []
    const alive: { name: string, clock: FakeClock, stop: () => void }[] = []
    let started = 0

    function begin() {
      const name = `process ${++started}`
      const db = openControl(path)
      // Timers of its own, so that it can die by them standing still.
      const own = createFakeClock(clock.now())
      const alerting = process(db, own, at => [{ rule, findings: [finding(`slot ${at.toISOString()}`)] }])
      alerting.afterCommit((changes) => {
        for (const { alert, became } of changes) if (became === 'firing') judged.push(alert.subject.service)
      })
      const stop = alerting.start()
      onTestFinished(() => void db.$client.close())
      alive.push({ name, clock: own, stop })
      return db
    }

    const db = begin()
    begin()
    for (let i = 0; i < slots; i++) {
      if (i % killEvery === killEvery - 1) {
        alive.shift()
        begin()
      }
      clock.advance(5 * SECOND)
      for (const each of alive) each.clock.advance(5 * SECOND)
      // Each lets the other in between.
      for (let turn = 0; turn < 8; turn++) await settled()
    }
    return { judged, db }
  }

  it('judge each of 500 slots once', async () => {
    const { judged, db } = await race({})
    expect(new Set(judged).size).toBe(judged.length)
    expect(judged).toHaveLength(501)
    expect(db.select().from(alerts).all()).toHaveLength(501)
  })

  it('miss none and double none while one after the other is killed', async () => {
    const { judged } = await race({ slots: 200, killEvery: 23 })
    const newest = judged.at(-1)!
    expect(new Set(judged).size).toBe(judged.length)
    const expected = (Date.parse(newest.slice(5)) - start.getTime()) / 5000 + 1
    expect(judged).toHaveLength(expected)
    expect(expected).toBeGreaterThanOrEqual(199)
  })

  it('refuse what a holder does that only was slow', async () => {
    const path = join(temporaryFolder(), 'control.sqlite')
    const [first, second] = [openControl(path), openControl(path)]
    onTestFinished(() => [first, second].forEach(db => db.$client.close()))
    const clocks = [createFakeClock(start), createFakeClock(start)] as const
    const waiting = Promise.withResolvers<readonly Judged[]>()
    const slow = process(first, clocks[0], () => waiting.promise)
    const quick = process(second, clocks[1], () => [{ rule, findings: [finding('shop')] }])
    const late = slow.evaluate(start)
    await quick.evaluate(start)
    clocks[1].advance(10 * SECOND)
    await quick.evaluate(start)
    waiting.resolve([{ rule, findings: [finding('shop')] }])
    await late
    expect(first.select().from(alerts).all()).toHaveLength(1)
    expect(quick.firing()).toHaveLength(1)
  })
})

describe('a clock that jumps', () => {
  /** Like a clock, with a wall that can be moved apart from time. */
  function jumpingClock() {
    const clock = createFakeClock(start)
    let off = 0
    return { ...clock, now: () => new Date(clock.now().getTime() + off), at: (when: Date, run: () => void) => clock.at(new Date(when.getTime() - off), run), jump: (by: number) => void (off += by) }
  }

  it.each([[HOUR], [-HOUR]])('by %d ms neither doubles nor ends an alert, and is told', async (by) => {
    const db = createControlDb()
    const clock = jumpingClock()
    const changes: string[] = []
    const alerting = process(db, clock, () => [{ rule, findings: [finding('shop')] }])
    alerting.afterCommit(all => changes.push(...all.map(({ became }) => became)))
    const stop = alerting.start()
    for (let i = 0; i < 100; i++) {
      if (i === 50) clock.jump(by)
      clock.advance(5 * SECOND)
      for (let turn = 0; turn < 10; turn++) await settled()
    }
    stop()
    expect(changes).toEqual(['firing'])
    expect(alerting.evaluation().jumps).toMatchObject([{ by }])
    const { slot } = db.select().from(evaluationSlots).all().find(({ tier }) => tier === 'own')!
    expect(clock.now().getTime() - slot.getTime()).toBeLessThan(5 * SECOND)
    const [alert] = alerting.firing()
    expect(alert!.lastFiredAt >= alert!.startedAt).toBe(true)
  })
})
