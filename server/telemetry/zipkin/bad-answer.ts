/** Not what Zipkin answers; the message says where it went wrong and quotes nothing. */
export class BadAnswer extends Error {
  /** Told apart by it on the other side of a thread. */
  readonly code = 'BAD_ANSWER'
}
