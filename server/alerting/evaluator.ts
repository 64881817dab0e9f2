import { eq } from 'drizzle-orm'
import type { Clock } from '#server/clock'
import { inRounds } from '#server/rounds'
import type { Database, Transaction } from '#server/db/client'
import { evaluationSlots } from '#server/db/control/schema'
import { MINUTE, SECOND, type Millis } from '#shared/units'
import type { AlertChange } from './alert'
import { sentenceOf } from './error-sentence'
import { createLease } from './lease'
import type { Judged, Tier } from './rule'
import { readBuiltInPauses } from './rules/rules'
import { settle } from './settle'
import { announce } from './silences/announce'

/** Every tier's slots are multiples of this. */
const slotLength: Millis = 5 * SECOND
/** A holder that has not said anything for two slots is dead; a little less, because rounds are not to the millisecond. */
const leasePatience: Millis = 2 * slotLength - SECOND
/** What was missed is made good this far back: later than this nobody is served by it. */
const catchUp: Millis = MINUTE
/** A clock that is off by more than this against the monotonic one has jumped. */
const jump: Millis = 30 * SECOND

export interface EvaluatorDependencies {
  db: Database
  clock: Clock
  tiers: readonly Tier[]
  /** Inside the transaction that stores the changes. */
  onChanges: (tx: Transaction, changes: AlertChange[], at: Date) => void
  afterCommit: (changes: AlertChange[], at: Date) => void
  /** Alerts that changed, those that a silence holds back included. */
  onNews: (ids: string[]) => void
  onTrouble: (error: unknown) => void
  /** The wall clock jumped by so much; negative: back. */
  onJump: (by: Millis, at: Date) => void
}

/**
 * Judges the tiers' slots, each exactly once whatever the number of processes: a lease says who judges, and a slot is
 * taken in the transaction that stores what came of it. What a slow source held up, and what lay between two holders,
 * is made good in order.
 */
export function createEvaluator({ db, clock, tiers, onChanges, afterCommit, onNews, onTrouble, onJump }: EvaluatorDependencies) {
  const lease = createLease({ db, clock, name: 'evaluation', patience: leasePatience })
  const busy = new Set<Tier>()
  let stopped = false
  let expected: { wall: number, monotonic: number } | undefined

  /** One slot of one tier. False where it was not ours. */
  async function evaluateTier(tier: Tier, slot: Date): Promise<boolean> {
    if (!lease.acquire() || !isNext(db, tier, slot)) return false
    const judged = await ask(tier, slot)
    const changes = db.transaction((tx) => {
      if (!lease.holds(tx) || !isNext(tx, tier, slot)) return undefined
      tx.insert(evaluationSlots).values({ tier: tier.name, slot }).onConflictDoUpdate({ target: evaluationSlots.tier, set: { slot } }).run()
      return store(tx, judged, slot)
    }, { behavior: 'immediate' })
    if (changes) tell(changes, slot)
    return changes !== undefined
  }

  async function ask(tier: Tier, slot: Date): Promise<readonly Judged[]> {
    try {
      return await inRounds(() => tier.judge(slot))
    }
    catch (error) {
      onTrouble(error)
      return tier.rules().map(rule => ({ rule, error: sentenceOf(error) }))
    }
  }

  function store(tx: Transaction, judged: readonly Judged[], at: Date): { all: AlertChange[], told: AlertChange[] } {
    const paused = readBuiltInPauses(tx)
    const all = judged.flatMap(each => settle(tx, paused.has(each.rule.id) ? { rule: each.rule, paused: true } : each, at))
    const told = announce(tx, all, at)
    if (told.length) onChanges(tx, told, at)
    return { all, told }
  }

  function tell({ all, told }: { all: AlertChange[], told: AlertChange[] }, at: Date) {
    if (told.length) afterCommit(told, at)
    const ids = new Set([...all, ...told].map(({ alert }) => alert.id))
    if (ids.size) onNews([...ids])
  }

  /** Slots of a tier that are due by now and were not judged yet, oldest first. */
  function dueSlots(tier: Tier, now: number): Date[] {
    const newest = Math.floor(now / tier.every) * tier.every
    const last = slotOf(db, tier)?.getTime()
    const first = last === undefined || last > newest ? newest : Math.max(last + tier.every, newest - Math.floor(catchUp / tier.every) * tier.every)
    const slots: Date[] = []
    for (let slot = first; slot <= newest; slot += tier.every) slots.push(new Date(slot))
    return slots
  }

  async function pump(tier: Tier) {
    if (busy.has(tier)) return
    busy.add(tier)
    try {
      if (!lease.acquire()) return
      for (const slot of dueSlots(tier, clock.now().getTime())) if (stopped || !await evaluateTier(tier, slot)) break
    }
    catch (error) {
      onTrouble(error)
    }
    finally {
      busy.delete(tier)
    }
  }

  function watchClock() {
    const now = { wall: clock.now().getTime(), monotonic: clock.monotonic() }
    const by = expected ? now.wall - expected.wall - (now.monotonic - expected.monotonic) : 0
    expected = now
    if (Math.abs(by) > jump) onJump(by, new Date(now.wall))
  }

  return {
    /** One slot: every tier that is due at it, one after the other. */
    async evaluate(slot: Date): Promise<void> {
      for (const tier of tiers) if (slot.getTime() % tier.every === 0) await evaluateTier(tier, slot)
    },

    /** Stores what came of rules in other ways than by a slot, and tells of it alike. */
    apply(judged: readonly Judged[], at: Date): AlertChange[] {
      const changes = db.transaction(tx => store(tx, judged, at), { behavior: 'immediate' })
      tell(changes, at)
      return changes.all
    },

    /** Begins the rounds; the answer ends them and gives the lease back. */
    start(): () => void {
      let cancel = () => {}
      function round() {
        watchClock()
        for (const tier of tiers) void pump(tier)
        const now = clock.now().getTime()
        cancel = clock.at(new Date((Math.floor(now / slotLength) + 1) * slotLength), round)
      }
      round()
      return () => {
        stopped = true
        cancel()
        lease.release()
      }
    },

    /** When each tier was last judged, by whichever process. */
    judgedAt: () => tiers.map(tier => ({ tier: tier.name, at: slotOf(db, tier) })),
  }
}

function slotOf(db: Database | Transaction, tier: Tier): Date | undefined {
  return db.select().from(evaluationSlots).where(eq(evaluationSlots.tier, tier.name)).get()?.slot
}

/** Later than the last; or so much earlier that the clock must have gone back, and with it the count of slots. */
function isNext(db: Database | Transaction, tier: Tier, slot: Date): boolean {
  const last = slotOf(db, tier)
  return !last || slot > last || last.getTime() - slot.getTime() > Math.max(catchUp, tier.every)
}
