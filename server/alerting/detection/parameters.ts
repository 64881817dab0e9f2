import { DAY, HOUR, MINUTE, SECOND, type Micros, type Millis } from '#shared/units'

/*
 * Everything about detection that was chosen and not derived. With 500 series and a look every ten seconds a test is
 * made 4.3 million times a day: hence small probabilities, floors in absolute terms, persistence, and pages only where
 * an entry endpoint moved.
 */

/** Width of the steps in which series are read and kept: the finest that the store has. */
export const STEP: Millis = 10 * SECOND

/** What is kept of each series, and what is read again, because late spans amend it. */
export const memory = {
  /** Steps of ten seconds: the longest window of a tick, and room for a source that was away. */
  fine: 10 * MINUTE,
  /** Minutes: an hour of usual time even where an hour of trouble lies between. */
  minutes: 2 * HOUR,
  /** Steps of ten minutes: the longest windows of burn rates, and what drift is sought in. */
  tens: 7 * DAY,
  reread: MINUTE,
  /** and once a minute this far back. */
  amended: 2 * MINUTE,
  /** A series that nobody added to for so long is let go of, by steps of ten minutes. */
  forget: 7 * DAY,
} as const

/** What is usual: minutes before now, without the newest and without those of trouble. */
export const baseline = {
  reach: HOUR,
  /** The newest may be of the trouble that is to be found; where little is known yet, one of them is left out, not two. */
  guard: 2 * MINUTE,
  youngGuard: MINUTE,
  /** Known for less than this, or with less than this, is no baseline; */
  least: { length: 5 * MINUTE, minutes: 3, calls: 30, parents: 100 },
  /** known for less than this, it is made anew every minute. */
  young: 30 * MINUTE,
  /** Few minutes tell neither what is usual nor how far that scatters: what they say scatters by √(1 + this / minutes) more. */
  doubt: 10,
  /** What lasts this long is usual from then on: a deployment that is slower must not be an alert for good, where nobody promised more. */
  longestTrouble: 2 * HOUR,
  /** The same hour of so many weeks at least, of up to `weeks`, excuses what would be odd beside the last hour. */
  leastWeeks: 2,
  weeks: 4,
  excused: 1.3,
} as const

/** T0: an outage at an entry endpoint, seen in seconds. */
export const outage = {
  every: 5 * SECOND,
  /** Two ticks in a row: one burst of failures is none. */
  for: 5 * SECOND,
  /** As long as an incident waits: few requests say nothing for half a minute. */
  keepFiring: MINUTE,
  /** Seconds; the shortest that holds enough completions is judged: a busy endpoint within ten seconds. */
  windows: [10, 15, 20, 30, 45, 60],
  completions: 20,
  /** A p95 of so many times the limit is critical, as on the board. */
  latencyFactor: 4,
  /** An alert goes on while half of what raised it is left: the share, the time, and the requests that it takes to tell. */
  keep: 0.5,
  /** Nothing for so long where something is usual is silence. */
  silence: MINUTE,
} as const

/** T0, too: requests no longer end, while calls made on their way go on. */
export const drop = {
  window: 30 * SECOND,
  /** Requests down to this share of what is usual, calls still at this share or more. */
  requestsTo: 0.2,
  callsAbove: 0.6,
  /** Requests usual in the window, so that chance does not do it. */
  usual: 20,
  for: 10 * SECOND,
  keepFiring: 30 * SECOND,
} as const

/** T1: error budgets, by the SRE workbook's windows for a budget of 30 days. */
export const burn = {
  every: MINUTE,
  pairs: [
    { rate: 14.4, long: HOUR, short: 5 * MINUTE, severity: 'critical' },
    { rate: 6, long: 6 * HOUR, short: 30 * MINUTE, severity: 'critical' },
    { rate: 3, long: DAY, short: 2 * HOUR, severity: 'warning' },
    { rate: 1, long: 3 * DAY, short: 6 * HOUR, severity: 'warning' },
  ],
  /** Failures in the long and in the short window: at night one of 50 is 20 times the budget and nothing at all. */
  failures: { long: 10, short: 2 },
  /** An alert goes on while the short window burns at half the rate, or has half the failures: it holds few of them. */
  keep: 0.5,
  /** What an endpoint that nobody registered is held to. */
  availability: 0.999,
  /**
   * Such an endpoint may always have failed more, and nobody promised that it does not. That is said once in `said`, for as
   * long as `guard` at least; from then on it is usual where the day before had half of it.
   */
  chronic: { said: 30 * DAY, guard: 2 * HOUR, reach: DAY, share: 0.5 },
} as const

/** T2: calls and requests that are slower or fail more than is usual for them. */
export const anomaly = {
  every: STEP,
  /** Three blocks in a row: each out of its range by itself, all together by more. */
  blocks: 3,
  /** Of what all blocks are slower by, each must be by this share (of logarithms): one pause is none. */
  steady: 0.4,
  /**
   * Steps of a block, and the calls that it needs: half a minute, a minute or two minutes in all. What lasts longer need
   * not be as large: of the ratio's excess this part will do, never less than the ratio's own. `spread` is
   * the least one, in logarithms: what is steady to 1 % is not odd at 5 %, and cold starts are over in half a minute.
   */
  widths: [
    { steps: 1, least: 4, part: 1, z: 8, spread: 0.1 },
    { steps: 2, least: 1, part: 0.75, z: 8, spread: 0.08 },
    { steps: 4, least: 1, part: 0.5, z: 6, spread: 0.05 },
  ],
  /** Slower by this ratio and by this much: the more calls, the less will do. */
  ratios: [
    { calls: 100, ratio: 1.5, more: 50_000, part: 0.5 },
    { calls: 30, ratio: 2, more: 75_000, part: 0.5 },
    { calls: 4, ratio: 3, more: 100_000, part: 0.75 },
  ] as { calls: number, ratio: number, more: Micros, part: number }[],
  /**
   * Failures: in so many steps by chance less likely than this (natural logarithm). A long window is seen again and again
   * as it moves on, so that it is fewer tests.
   */
  windows: [{ steps: 3, chance: Math.log(1e-6) }, { steps: 6, chance: Math.log(1e-6) }, { steps: 12, chance: Math.log(1e-5) }, { steps: 18, chance: Math.log(1e-4) }],
  /** So many points more, so many in all, in so many steps of at least `shortest`. */
  points: 0.02 as number,
  failures: 4 as number,
  failingSteps: 4 as number,
  shortest: 6,
  /** Of a window longer than that: more than this share of them in a third of it is a burst. */
  mostInThird: 0.6,
  /** An alert goes on while half of what raised it is left. */
  keep: 0.5,
  keepFiring: 30 * SECOND,
} as const

/**
 * When an entry endpoint moved, so that what lies behind it pages. What is wrong there is known by then: this has only to
 * confirm that consumers feel it, often from few requests.
 */
export const movement = {
  ratio: 1.2,
  more: 100_000 as Micros,
  z: 3,
  /** Where what lies behind it is no trouble by itself. */
  clearly: 4,
  points: 0.02,
  chance: Math.log(1e-3),
  failures: 3,
  failingSteps: 3,
} as const

/** T3: a service that calls something more often for each request than is usual. */
export const callRate = {
  /** Two ticks in a row. */
  for: STEP,
  keepFiring: 30 * SECOND,
  ratio: 3,
  /** From this ratio on, with a call for every other request, it pages by itself: the callee's quota or cost is at stake. */
  pageRatio: 10,
  pageCalls: 0.5,
  /** Requests that a window must hold, and its steps: the shortest that does is judged. */
  parents: 20,
  windows: [2, 3, 6, 12, 18],
  chance: Math.log(1e-6),
  /** Refusals (4xx) among its calls up by so many points: a quota is used up. */
  refused: 0.05,
  /** Calls of a remote that was never seen. */
  newCalls: 5,
  /** An alert goes on while half of what raised it is left, over a minute. */
  keep: 0.5,
} as const

/** Queues: messages sent and not yet taken, over the rate at which they are sent, is how long one waits. */
export const queueLag = {
  wait: 10 * SECOND,
  messages: 5,
  /** Of a sampled queue, so many that were seen themselves. */
  seen: 3,
  window: MINUTE,
  rateOver: 5 * MINUTE,
} as const

/** A service that falls silent while calls to it go on as ever. */
export const gap = {
  /** Steps; the shortest in which so many of its spans are usual that none at all is no chance. */
  windows: [6, 12, 18],
  usual: 15,
  /** Calls to it still at this share of what is usual or more, and no more than this share of them failing. */
  callsAbove: 0.5,
  failing: 0.2,
  for: STEP,
  keepFiring: 30 * SECOND,
} as const

/** T4: what changed for good, slowly or with a deployment. */
export const drift = {
  every: 30 * MINUTE,
  /** Steps of ten minutes before and after the change, and how young it must be to be news. */
  before: 36,
  after: 6,
  news: DAY,
  /** Two-sided probability of Welch's test, and change of the median. */
  chance: 0.001,
  change: 0.1,
  more: 1_000 as Micros,
  /** Days that must be held: with less, morning and night are two levels. */
  season: 3,
} as const

