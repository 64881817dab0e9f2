import { AppError, type ErrorParams } from '#shared/errors'
import type { TroubleReason } from '#shared/source-trouble'
import type { SourceName } from '../ports'

export { reasonOfFailure } from '#server/outgoing/failure'

export type BackendName = Exclude<SourceName, 'embedded'>

/** A backend that cannot answer, with the reason; `setting` begins the names of the settings it is reached by. */
export function sourceTrouble(source: BackendName, reason: TroubleReason, params: ErrorParams = {}, cause?: unknown): AppError {
  return new AppError('source.unavailable', { source, reason, setting: `NUXT_${source.toUpperCase()}`, ...params }, { cause })
}

export function reasonOf(error: unknown): TroubleReason | undefined {
  return error instanceof AppError && error.code === 'source.unavailable' ? error.params.reason as TroubleReason | undefined : undefined
}

/** The backend itself is in trouble, not one question to it. */
const countedReasons = new Set<TroubleReason>(['refused', 'unknown_host', 'unreachable', 'forbidden_address', 'tls', 'timeout', 'cut_off', 'overloaded', 'failing', 'wrong_content', 'bad_answer'])

export function isCounted(reason: TroubleReason | undefined): boolean {
  return reason !== undefined && countedReasons.has(reason)
}
