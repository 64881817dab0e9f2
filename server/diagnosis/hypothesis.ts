import type { Micros } from '#shared/units'
import type { CulpritType } from './verdict'

/** One possible answer. Numbers are texts of the traces; what it explains are shares of what changed, 0 to 1. */
export interface Hypothesis {
  type: CulpritType
  service: number
  operation: number
  /** 0 for none. */
  remote: number
  /** Keys whose own time it explains, and the calls that it explains with everything below; the first decides what is shown. */
  keys: number[]
  calls: number[]
  /** Origins of errors that it explains, by `originName`. */
  origins: number[]
  latency: number
  errors: number
  /** Decides how much and not only where: a limit, a rate, attempts, an arrival rate. */
  isMechanism: boolean
  /** Below the thresholds for being inflated: a candidate, not an answer. */
  isWeak?: boolean
  /** Calls of it in the incident. */
  seen: number
  facts: {
    limit?: Micros
    /** Who makes a storm worse. */
    amplifier?: { service: number, operation: number }
    /** Share of the blame that lies on the caller's side, and how many callers wait longer. */
    edge?: { caller: number, callers: number, inflated: number }
    arrivals?: { before: number, after: number }
    /** Of the calls to a service that took longer than ever, those that it had not begun after half of their time. */
    door?: { waited: number, slow: number }
    /** More arrive than before. */
    isSurge?: boolean
    burst?: { before: number, after: number }
    /** Of a queue: handling takes as long as before, and for which share of the waiting nobody handled anything. */
    isHandlingUsual?: boolean
    idle?: number
    template?: { text: string, before: number, after: number }
  }
}

export function isSamePlace(a: Hypothesis, b: Hypothesis): boolean {
  return a.service === b.service && a.operation === b.operation && a.remote === b.remote
}
