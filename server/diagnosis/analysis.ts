import type { CallContrast } from './call-contrast'
import type { CallGroups } from './call-groups'
import type { Charges } from './charge'
import type { Change } from './contrast'
import type { EdgeBlame } from './edge-blame'
import type { Lists } from './occurrences'
import type { Parameters } from './parameters'
import type { Cells, Summary } from './summary'
import type { Timeout } from './timeouts'
import type { Windows } from './windows'

/** Everything that the steps before have found out, for those that judge. */
export interface Analysis {
  charges: Charges
  /** Units stand for what was counted beside them; how many there are says nothing. */
  isKept: boolean
  /** What failed is compared with what went well at the same time: hardly anything is known from before. */
  isWithinWindow: boolean
  groups: CallGroups
  cells: Cells
  windows: Windows
  /** Side of each unit. */
  sides: Uint8Array
  /** Affected, as numbers of operations. */
  endpoints: ReadonlySet<number>
  before: Summary
  after: Summary
  change: Change
  calls: CallContrast[]
  /** Spans of the incident by key and by call. */
  byKey: Lists
  byCall: Lists
  timeouts: Map<number, Timeout>
  /** Of each unit. */
  origins: Int32Array
  /** Weight of usual failures by endpoint and `originName`, from a profile. */
  usualOrigins: readonly { endpoint: number, name: number, weight: number }[]
  /** Operations that answer requests. */
  servers: ReadonlySet<number>
  /** Seconds of the baseline from which traces came. */
  covered: { before: number }
  /** Whether a remote is a service that sends spans of its own. */
  isInstrumented: (remote: number) => boolean
  blame: (caller: number, remote: number) => EdgeBlame
  /** How much of the trouble is each: 0 for none. */
  weights: { latency: number, errors: number }
  parameters: Parameters
}

/** Whether any of the affected endpoints had requests before; where none had, others' say nothing of what is usual. */
export function hasPast({ endpoints, before }: Pick<Analysis, 'endpoints' | 'before'>): boolean {
  return [...endpoints].some(endpoint => before.endpoints[endpoint]!.units > 0)
}
