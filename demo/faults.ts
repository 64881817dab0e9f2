/** The faults that can be switched on while everything runs, and what each one looks like. */
export const faults = {
  'external-timeout': {
    happens: 'external-api needs 9 to 13 s for about two thirds of its calls; business-service gives up after 8.0 s.',
    expect: 'Within 30 s POST /api/v1/process fails for two out of three requests with a 502 after 8 s. The trace names the call to external-api, whose own work goes on after everybody stopped waiting.',
    change: { kind: 'configuration', service: 'business-service', key: 'external.timeout', usual: '3 s', changed: '8 s' },
  },
  'jwt-cache-off': {
    happens: 'auth-service no longer keeps the public key and fetches it for every request.',
    expect: 'Nothing fails, but every endpoint takes about 240 ms longer, and auth-service is over its limit of 150 ms. Token Validation calls keys.example each time, and the cache answers empty.',
    needsPast: true,
    change: { kind: 'configuration', service: 'auth-service', key: 'jwt.cache.ttl', usual: '3600 s', changed: '0 s' },
  },
  'slow-query': {
    happens: 'The query SELECT orders lost its index and reads the whole table.',
    expect: 'GET /api/v1/orders and GET /api/v1/orders/{orderId} take almost 3 s, nearly all of it in one database span. No change was announced.',
    needsPast: true,
    change: undefined,
  },
  'version-errors': {
    happens: 'business-service 2.9.0 is tried out beside 2.8.0, with half of the calls, and fails for cards without an issuer.',
    expect: 'About a third of POST /api/v1/payments answer 500. All failures come from version 2.9.0, none from 2.8.0.',
    change: { kind: 'deployment', service: 'business-service', usual: '2.8.0', changed: '2.9.0' },
  },
  'bad-consumer': {
    happens: 'partner-erp sends a currency code that does not exist (원) and repeats every failed order twice at once.',
    expect: 'POST /api/v1/orders fails with a 500 for every order of partner-erp, and for nobody else.',
    change: undefined,
  },
  'queue-lag': {
    happens: 'notification-worker fetches messages every 30 s instead of ten times a second.',
    expect: 'Requests stay as fast as ever, but notifications start up to 30 s late. In a trace the gap stands between publish and process; queue.depth and queue.oldest.age saw up and down.',
    change: { kind: 'configuration', service: 'notification-worker', key: 'queue.poll.interval', usual: '100 ms', changed: '30 s' },
  },
  'slow-code': {
    happens: 'business-service compiles the schema of POST /api/v1/process anew for every request.',
    expect: 'POST /api/v1/process takes about 450 ms longer, all of it in ProcessService.validate: no call, no query and no log line explains it. Everything else is as fast as ever.',
    needsPast: true,
    change: { kind: 'configuration', service: 'business-service', key: 'validation.schema.cache', usual: 'on', changed: 'off' },
  },
  'n-plus-one': {
    happens: 'business-service reads the items of a list of orders one order at a time.',
    expect: 'GET /api/v1/orders takes about 160 ms longer, the more orders a list has. Every query is as fast as ever, but there are up to 21 of them where there were two.',
    needsPast: true,
    change: { kind: 'configuration', service: 'business-service', key: 'orders.fetch', usual: 'batch', changed: 'lazy' },
  },
  'slow-grants': {
    happens: 'The query SELECT client_grants of auth-service waits about 600 ms for a lock.',
    expect: 'Every endpoint of api-gateway is slow, whatever it calls afterwards: the gateway is loudest, the time is in one query of auth-service. No change was announced.',
    needsPast: true,
    change: undefined,
  },
  'transfer-errors': {
    happens: 'external-api has lost its ledger of transfers, and answers 500 to every request of that type.',
    expect: 'One in five POST /api/v1/process ends with a 502. The error begins in legacy.settle of external-api, for transfers only; business-service and api-gateway pass it on.',
    change: undefined,
  },
  'retry-storm': {
    happens: 'external-api refuses four of five settlements with a 503, and business-service asks again at once, up to five times.',
    expect: 'external-api gets almost four times as many calls for as many requests. A quarter of POST /api/v1/process fails all the same, and the rest takes longer.',
    change: { kind: 'configuration', service: 'business-service', key: 'external.retries', usual: '0', changed: '5' },
  },
  'slow-host': {
    happens: 'A second business-service runs on business-2, a machine short of CPU, and takes half of the calls.',
    expect: 'Half of all requests take several times as long, at every endpoint and in every step: those that business-2 worked on. The same version is as fast as ever on business-1.',
    needsPast: true,
    change: undefined,
  },
  'slow-partner': {
    happens: 'The rules made for partner-pay have grown, and business-service reads all of them for each of its requests.',
    expect: 'POST /api/v1/process takes two and a half seconds longer for partner-pay, and for nobody else: a quarter of the requests, in ProcessService.validate.',
    needsPast: true,
    change: undefined,
  },
} as const satisfies Record<string, Fault>

interface Fault {
  happens: string
  expect: string
  /** Nothing fails: only beside what was usual can it be told. */
  needsPast?: true
  change: { kind: 'configuration', service: string, key: string, usual: string, changed: string } | { kind: 'deployment', service: string, usual: string, changed: string } | undefined
}

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as FaultName[]
export const isFault = (name: string): name is FaultName => Object.hasOwn(faults, name)

/** What to see, and what has to be there first. */
export function expectationOf(name: FaultName): string {
  const { expect, needsPast }: Fault = faults[name]
  return needsPast ? `${expect} Give it five minutes of healthy traffic first: what only becomes slower is told by what was usual.` : expect
}

/** What every service is told: which fault is on, and where the second business-service listens. */
export interface Switches {
  fault?: FaultName
  secondPort?: number
}

/** What the change log hears when a fault is switched: the way there, or the way back. */
export function changeOf(name: FaultName, isOn: boolean) {
  const { change } = faults[name] as Fault
  if (!change) return undefined
  const [oldValue, newValue] = isOn ? [change.usual, change.changed] : [change.changed, change.usual]
  return change.kind === 'deployment'
    ? { kind: change.kind, service: change.service, version: newValue, author: 'demo' }
    : { kind: change.kind, service: change.service, key: change.key, oldValue, newValue, author: 'demo' }
}
