import { AppError, type ErrorParams } from '#shared/errors'
import type { TroubleReason } from '#shared/source-trouble'
import type { SourceName } from '../ports'

export type BackendName = Exclude<SourceName, 'embedded'>

/** A backend that cannot answer, with the reason; `setting` begins the names of the settings it is reached by. */
export function sourceTrouble(source: BackendName, reason: TroubleReason, params: ErrorParams = {}, cause?: unknown): AppError {
  return new AppError('source.unavailable', { source, reason, setting: `NUXT_${source.toUpperCase()}`, ...params }, { cause })
}

export function reasonOf(error: unknown): TroubleReason | undefined {
  return error instanceof AppError && error.code === 'source.unavailable' ? error.params.reason as TroubleReason | undefined : undefined
}

const reasons: Record<string, TroubleReason> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown_host', EAI_AGAIN: 'unknown_host', EAI_FAIL: 'unknown_host',
  EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout', UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EADDRDENIED: 'forbidden_address',
  ECONNRESET: 'cut_off', EPIPE: 'cut_off', UND_ERR_SOCKET: 'cut_off', UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'cut_off', Z_BUF_ERROR: 'cut_off', ERR_STREAM_PREMATURE_CLOSE: 'cut_off',
  EPROTO: 'tls', ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
}
const ofTls = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH)/

/** What a socket, the TLS layer, the HTTP parser or zlib threw, as one of our reasons. */
export function reasonOfFailure(error: unknown): TroubleReason {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'timeout'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (ofTls.test(code) ? 'tls' : 'bad_answer')
}

/** The backend itself is in trouble, not one question to it. */
const countedReasons = new Set<TroubleReason>(['refused', 'unknown_host', 'unreachable', 'forbidden_address', 'tls', 'timeout', 'cut_off', 'overloaded', 'failing', 'wrong_content', 'bad_answer'])

export function isCounted(reason: TroubleReason | undefined): boolean {
  return reason !== undefined && countedReasons.has(reason)
}
