/** Why a connection, or an exchange over one, came to nothing. */
export type FailureReason = 'refused' | 'unknown_host' | 'unreachable' | 'timeout' | 'forbidden_address' | 'cut_off' | 'tls' | 'bad_answer'

const reasons: Record<string, FailureReason> = {
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
export function reasonOfFailure(error: unknown): FailureReason {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'timeout'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (ofTls.test(code) ? 'tls' : 'bad_answer')
}
