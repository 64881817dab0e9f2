/** What is known of a sender's process, from its resource attributes. */
export interface ResourceFacts {
  /** Of the bytes as sent: the same process says the same each time. */
  digest: Buffer
  /** Attributes as OTLP bytes, cleaned. */
  data: Buffer
  /** Lower case. */
  service: string
  namespace: string | undefined
  version: string | undefined
  instance: string | undefined
  language: string | undefined
  stored?: Stored
  /** Of the batch that was last told about; within it nothing more is to be told. */
  seenAt?: number
}

export interface ScopeFacts {
  name: string
  version: string
  stored?: Stored
}

/** Its number in the dictionary that gave it one; another dictionary looks again. */
export interface Stored {
  by: object
  id: number
}

// Span kinds as OTLP numbers them.
export const INTERNAL = 1
export const SERVER = 2
export const CLIENT = 3
export const PRODUCER = 4
export const CONSUMER_KIND = 5

export const spanKinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const

// Kinds of what a span calls.
export const REMOTE_SERVICE = 1
export const REMOTE_DATABASE = 2
export const REMOTE_MESSAGING = 3
export const REMOTE_ADDRESS = 4

export const remoteKinds = ['address', 'service', 'database', 'messaging', 'address'] as const

/** What the store needs to know of a span; the span itself stays as bytes. */
export class SpanFacts {
  /** Where the message lies in `bytes`. */
  bytes: Uint8Array
  from: number
  to: number
  resource: ResourceFacts
  scope: ScopeFacts
  /** The 8 bytes of the id as two numbers, and of the parent's; both 0 for none. */
  idHigh = 0
  idLow = 0
  parentHigh = 0
  parentLow = 0
  name = ''
  kind = INTERNAL
  /** Microseconds. */
  start = 0
  duration = 0
  /** 0 unset, 1 ok, 2 error. */
  statusCode = 0
  /** HTTP status; 0 for none. */
  status = 0
  method: string | undefined = undefined
  route: string | undefined = undefined
  path: string | undefined = undefined
  consumer: string | undefined = undefined
  errorType: string | undefined = undefined
  message: string | undefined = undefined
  /** What it calls. */
  remote: string | undefined = undefined
  remoteKind = 0
  /** Where a message goes, of PRODUCER and CONSUMER spans. */
  destination: string | undefined = undefined
  rpc: string | undefined = undefined
  /** `postgresql`, `kafka`, `grpc`… */
  system: string | undefined = undefined
  /** How many requests it stands for: 1 / p. */
  weight = 1
  /** Whether the weight is known from the trace state. */
  weighed = false

  constructor(bytes: Uint8Array, from: number, to: number, resource: ResourceFacts, scope: ScopeFacts) {
    this.bytes = bytes
    this.from = from
    this.to = to
    this.resource = resource
    this.scope = scope
  }

  /** Status 500 or more, or ERROR where there is no HTTP status. 4xx is a class of its own. */
  get failed(): boolean {
    return this.status === 0 ? this.statusCode === 2 : this.status >= 500
  }

  get statusClass(): number {
    return this.status === 0 ? 0 : Math.trunc(this.status / 100)
  }

  /** When it is counted: as it ends, so that a slow request shows when it is over and not in a step long past. */
  get second(): number {
    return Math.floor((this.start + this.duration) / 1e6)
  }
}

/** The spans of one trace in one batch. */
export interface TraceGroup {
  traceId: Uint8Array
  /** 53 bits of it, to be found by. */
  hash: number
  spans: SpanFacts[]
}
