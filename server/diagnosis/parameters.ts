import { MINUTE, SECOND, type Micros, type Millis } from '#shared/units'

/** Everything that was chosen and not derived, in one place. `defaults` is what the measured accuracy stands for. */
export interface Parameters {
  /** Shortest and longest incident window. */
  shortestIncident: Millis
  longestIncident: Millis
  /** Dropped before the onset: an onset found late must not spoil the baseline. */
  guard: Millis
  /** How far back the baseline reaches, and the least it must hold to be one. */
  baseline: Millis
  leastBaseline: Millis
  /** Calls of a key below which nothing is said about its usual times. */
  leastCalls: number
  /** A key is inflated above this z, this ratio and this share of the change (or this many µs of it). */
  z: number
  ratio: number
  share: number
  contribution: Micros
  /** Prior that the callee of an inflated edge is guilty and not its caller. */
  calleePrior: number
  /** An edge is big from this share of the largest excess per call. */
  bigEdge: number
  /** Durations this close to one value, relative, and this share of the slow ones, are a timeout. */
  timeoutTightness: number
  timeoutShare: number
  /** Calls per parent that multiply by this, or a presence that rises from below the first to above the second. */
  rateRatio: number
  presenceFrom: number
  presenceTo: number
  /** Attempts per logical call that multiply by this are a retry storm. */
  attemptsRatio: number
  /** A childless span may begin this much after, and end this much before, a sibling that it wraps. */
  wrapperBefore: Micros
  wrapperAfter: Micros
  /** What an attribute's value must reach to qualify a verdict. */
  coverage: number
  precision: number
  /** False-discovery rate of the attribute tests. */
  falseDiscovery: number
  /** Resamples for the confidence, and where they start from. */
  draws: number
  seed: number
  /** A second cause needs this share of what the first leaves. */
  secondCause: number
}

export const defaults: Parameters = {
  shortestIncident: MINUTE,
  longestIncident: 5 * MINUTE,
  guard: MINUTE,
  baseline: 60 * MINUTE,
  leastBaseline: 5 * MINUTE,
  leastCalls: 30,
  z: 4,
  ratio: 1.3,
  share: 0.05,
  contribution: 20_000,
  calleePrior: 0.65,
  bigEdge: 0.1,
  timeoutTightness: 0.03,
  timeoutShare: 0.6,
  rateRatio: 3,
  presenceFrom: 0.2,
  presenceTo: 0.8,
  attemptsRatio: 1.5,
  wrapperBefore: 2_000,
  wrapperAfter: 5_000,
  coverage: 0.8,
  precision: 0.5,
  falseDiscovery: 0.01,
  draws: 50,
  seed: 1,
  secondCause: 0.2,
}

/** Width of the steps in which series are read. */
export const STEP: Millis = 10 * SECOND
