import { Chance } from './simulation.ts'

/** What a platform is built of. Durations in milliseconds. */
export interface Topology {
  name: string
  services: ServiceSpec[]
  stores: StoreSpec[]
  entries: EntrySpec[]
  consumers: { name: string, weight: number }[]
}

export interface ServiceSpec {
  name: string
  /** Sends no spans; nobody sees what it calls. */
  dark?: boolean
  instances: number
  /** Requests that one instance works on at a time. */
  workers: number
  /** Connections of one instance to each store. */
  pool: number
  operations: OperationSpec[]
}

export interface OperationSpec {
  name: string
  /** Its own work, in a span of its own where that has a name. */
  work: number
  inner?: string
  steps: Step[]
  /** Handles messages of this topic instead of requests. */
  topic?: string
}

export type Step
  = | { kind: 'call', service: string, operation: string, share: number, timeout: number, attempts: number, optional?: boolean }
    | { kind: 'query', store: string, statement: string, share: number, times: number, timeout: number }
    /** Asks the cache; on a miss does what follows. */
    | { kind: 'cached', store: string, hits: number, miss: Step }
    | { kind: 'together', steps: Step[] }
    | { kind: 'publish', topic: string, share: number }

export interface StoreSpec {
  name: string
  kind: 'database' | 'cache' | 'external'
  system: string
  median: number
  spread: number
  /** Served at a time; the others wait. */
  capacity: number
}

export interface EntrySpec {
  service: string
  operation: string
  /** Requests a second. */
  rate: number
}

export const shapes = ['open-api', 'chain', 'fan-out', 'mesh'] as const
export type Shape = typeof shapes[number]

export function buildTopology(shape: Shape, seed: number): Topology {
  return shape === 'open-api' ? openApi(seed) : generated(shape, seed)
}

const consumers = (chance: Chance) => ['partner-erp', 'partner-pay', 'partner-shop', 'partner-log', 'mobile-app', 'batch-sync'].map((name, i) => ({ name, weight: chance.between(0.5, 1.5) * 3 / (i + 1) }))

/** The platform of the story: gateway, token validation with a key cache, business services, partners' APIs, a queue. */
function openApi(seed: number): Topology {
  const chance = new Chance(seed)
  const auth: Step = { kind: 'call', service: 'auth-service', operation: 'POST /validate', share: 1, timeout: 3_000, attempts: 1 }
  const call = (service: string, operation: string, share = 1, attempts = 1): Step => ({ kind: 'call', service, operation, share, timeout: 10_000, attempts })
  const query = (store: string, statement: string, share = 1): Step => ({ kind: 'query', store, statement, share, times: 1, timeout: 30_000 })
  const service = (name: string, operations: OperationSpec[], instances = 3): ServiceSpec => ({ name, instances, workers: 24, pool: 8, operations })
  return {
    name: 'open-api',
    services: [
      service('api-gateway', [
        { name: 'POST /api/v1/orders', work: 3, steps: [auth, call('order-service', 'POST /orders')] },
        { name: 'GET /api/v1/orders/{orderId}', work: 2, steps: [auth, call('order-service', 'GET /orders/{orderId}')] },
        { name: 'POST /api/v1/payments', work: 3, steps: [auth, call('payment-service', 'POST /payments', 1, 2)] },
        { name: 'GET /api/v1/rates', work: 2, steps: [auth, call('pricing-service', 'GET /rates')] },
        { name: 'GET /api/v1/products', work: 2, steps: [auth, call('catalog-service', 'GET /products')] },
      ]),
      service('auth-service', [{ name: 'POST /validate', work: 4, inner: 'Token Validation', steps: [{ kind: 'cached', store: 'key-cache', hits: 0.995, miss: query('idp.example', 'GET /keys') }] }]),
      service('order-service', [
        { name: 'POST /orders', work: 12, inner: 'order.create', steps: [call('catalog-service', 'GET /stock'), call('pricing-service', 'POST /quote'), query('orders-db', 'INSERT orders'), { kind: 'publish', topic: 'order-events', share: 1 }] },
        { name: 'GET /orders/{orderId}', work: 6, steps: [query('orders-db', 'SELECT orders'), query('orders-db', 'SELECT order_items')] },
      ]),
      service('payment-service', [{ name: 'POST /payments', work: 9, inner: 'payment.authorise', steps: [query('payments-db', 'SELECT accounts'), call('fraud-service', 'POST /score', 0.9), { kind: 'query', store: 'psp.example', statement: 'POST /charge', share: 1, times: 1, timeout: 8_000 }, query('payments-db', 'INSERT payments')] }]),
      service('pricing-service', [
        { name: 'POST /quote', work: 7, inner: 'quote.calculate', steps: [{ kind: 'cached', store: 'price-cache', hits: 0.92, miss: query('fx.example', 'GET /rates') }] },
        { name: 'GET /rates', work: 5, inner: 'FetchRate', steps: [{ kind: 'query', store: 'fx.example', statement: 'GET /rates', share: 1, times: 1, timeout: 8_000 }] },
      ]),
      service('catalog-service', [
        { name: 'GET /products', work: 10, steps: [{ kind: 'cached', store: 'catalog-cache', hits: 0.9, miss: query('catalog-db', 'SELECT products') }] },
        { name: 'GET /stock', work: 4, steps: [query('catalog-db', 'SELECT stock')] },
      ]),
      service('fraud-service', [{ name: 'POST /score', work: 22, inner: 'score.model', steps: [query('fraud-db', 'SELECT history'), call('profile-service', 'GET /profiles/{id}', 0.7)] }], 2),
      service('profile-service', [{ name: 'GET /profiles/{id}', work: 6, steps: [query('profile-db', 'SELECT profiles')] }], 2),
      service('notification-worker', [{ name: 'order-events process', work: 12, topic: 'order-events', steps: [query('mail.example', 'POST /send'), query('orders-db', 'UPDATE orders')] }], 2),
      { ...service('risk-legacy', [{ name: 'POST /risk', work: 15, steps: [query('fraud-db', 'SELECT risk')] }], 1), dark: true },
    ],
    stores: [
      store('key-cache', 'cache', 0.6), store('price-cache', 'cache', 0.6), store('catalog-cache', 'cache', 0.7),
      store('orders-db', 'database', 5), store('payments-db', 'database', 6), store('catalog-db', 'database', 7), store('fraud-db', 'database', 4), store('profile-db', 'database', 5),
      store('idp.example', 'external', 230), store('psp.example', 'external', 180), store('fx.example', 'external', 140), store('mail.example', 'external', 60),
    ],
    entries: [
      { service: 'api-gateway', operation: 'POST /api/v1/orders', rate: chance.between(1.5, 2.5) },
      { service: 'api-gateway', operation: 'GET /api/v1/orders/{orderId}', rate: chance.between(1.5, 3) },
      { service: 'api-gateway', operation: 'POST /api/v1/payments', rate: chance.between(1, 2) },
      { service: 'api-gateway', operation: 'GET /api/v1/rates', rate: chance.between(0.7, 1.5) },
      { service: 'api-gateway', operation: 'GET /api/v1/products', rate: chance.between(1.5, 3) },
    ],
    consumers: consumers(chance),
  }
}

function store(name: string, kind: StoreSpec['kind'], median: number): StoreSpec {
  const system = { database: 'postgresql', cache: 'redis', external: '' }[kind]
  return { name, kind, system, median, spread: kind === 'external' ? 0.35 : 0.45, capacity: kind === 'external' ? 1_000 : kind === 'cache' ? 200 : 24 }
}

const words = ['account', 'basket', 'billing', 'claims', 'coupon', 'customs', 'delivery', 'document', 'export', 'fleet', 'geo', 'identity', 'invoice', 'ledger', 'loyalty', 'media', 'notice', 'offer', 'parcel', 'partner', 'policy', 'quota', 'rating', 'refund', 'report', 'return', 'route', 'search', 'session', 'settle', 'slot', 'stock', 'survey', 'tariff', 'tax', 'terms', 'ticket', 'vault', 'voucher', 'wallet']

/** How deep, how wide, how much at once: three different kinds of platform from one description. */
const forms = {
  'chain': { layers: [1, 2, 2, 2, 2, 2, 2, 1], fan: [1, 2], together: 0.1, stores: 0.6 },
  'fan-out': { layers: [1, 3, 10], fan: [4, 6], together: 0.8, stores: 0.7 },
  'mesh': { layers: [1, 5, 9, 8], fan: [1, 3], together: 0.3, stores: 0.7 },
}

function generated(shape: 'chain' | 'fan-out' | 'mesh', seed: number): Topology {
  const chance = new Chance(seed * 31 + shape.length)
  const form = forms[shape]
  const names = [...words].sort(() => chance.next() - 0.5)
  const stores: StoreSpec[] = []
  const layers = form.layers.map((count, layer) => Array.from({ length: count }, (_, i): ServiceSpec => ({
    name: layer === 0 ? 'edge-gateway' : `${names[(layer * 11 + i) % names.length]}-service`, instances: layer === 0 ? 3 : chance.whole(2, 4), workers: 24, pool: 8, operations: [],
    ...(layer === form.layers.length - 1 && i === 0 && count > 1 && { dark: true }),
  })))
  const subject = (service: ServiceSpec) => service.name.replace('-service', '')
  const addStore = (name: string, kind: StoreSpec['kind'], median: number) => {
    if (!stores.some(other => other.name === name)) stores.push({ ...store(name, kind, median) })
    return name
  }

  for (let layer = layers.length - 1; layer >= 0; layer--) {
    for (const service of layers[layer]!) {
      const operations = layer === 0 ? chance.whole(4, 6) : chance.whole(1, 2)
      for (let o = 0; o < operations; o++) {
        const steps: Step[] = []
        const below = layers[layer + 1] ?? []
        const fan = below.length ? layer === 0 ? chance.whole(1, 2) : chance.whole(form.fan[0]!, Math.min(form.fan[1]!, below.length)) : 0
        const targets = [...below].sort(() => chance.next() - 0.5).slice(0, fan)
        for (const target of targets) {
          const operation = chance.pick(target.operations)
          steps.push({ kind: 'call', service: target.name, operation: operation.name, share: chance.next() < 0.25 ? chance.between(0.3, 0.8) : 1, timeout: 10_000, attempts: chance.next() < 0.25 ? 3 : 1 })
        }
        if (layer > 0 && (steps.length === 0 || chance.next() < form.stores)) {
          const kind = chance.next()
          const name = subject(service)
          const statement = `SELECT ${name}${o ? '_items' : ''}`
          if (kind < 0.65) steps.push({ kind: 'query', store: addStore(`${chance.next() < 0.3 ? 'shared' : name}-db`, 'database', chance.between(3, 9)), statement, share: 1, times: 1, timeout: 30_000 })
          else if (kind < 0.85) steps.push({ kind: 'cached', store: addStore(`${name}-cache`, 'cache', 0.6), hits: chance.between(0.9, 0.97), miss: { kind: 'query', store: addStore(`${name}-db`, 'database', chance.between(20, 60)), statement, share: 1, times: 1, timeout: 30_000 } })
          else steps.push({ kind: 'query', store: addStore(`${name}.example`, 'external', chance.between(60, 200)), statement: `POST /${name}`, share: 1, times: 1, timeout: 5_000 })
        }
        const calls = steps.filter(step => step.kind === 'call')
        const arranged: Step[] = calls.length > 1 && chance.next() < form.together ? [{ kind: 'together', steps: calls }, ...steps.filter(step => step.kind !== 'call')] : steps
        service.operations.push({
          name: `${chance.pick(['GET', 'POST'])} /${subject(service)}${['', '/{id}', '/search', '/summary', '/status', '/history'][o] ?? `/${o}`}`,
          work: chance.between(2, 14), steps: arranged, ...(layer > 0 && chance.next() < 0.4 && { inner: `${subject(service)}.${chance.pick(['compute', 'validate', 'load', 'merge'])}` }),
        })
      }
    }
  }
  const worker: ServiceSpec = { name: `${names.at(-1)}-worker`, instances: 2, workers: 24, pool: 8, operations: [{ name: `${names.at(-1)}-events process`, work: 10, topic: `${names.at(-1)}-events`, steps: [{ kind: 'query', store: addStore(`${names.at(-1)}-db`, 'database', 6), statement: `INSERT ${names.at(-1)}`, share: 1, times: 1, timeout: 30_000 }] }] }
  const publisher = chance.pick(layers[1]!).operations[0]!
  publisher.steps.push({ kind: 'publish', topic: `${names.at(-1)}-events`, share: 1 })
  const gateway = layers[0]![0]!
  if (!reaches(layers.flat(), gateway.operations[0]!, publisher)) {
    const owner = layers[1]!.find(service => service.operations.includes(publisher))!
    gateway.operations[0]!.steps.push({ kind: 'call', service: owner.name, operation: publisher.name, share: 1, timeout: 10_000, attempts: 1 })
  }
  return {
    name: `${shape}-${seed}`, stores, consumers: consumers(chance),
    services: [...layers.flat(), worker],
    entries: gateway.operations.map(({ name }) => ({ service: gateway.name, operation: name, rate: chance.between(0.6, 2.2) })),
  }
}

function reaches(services: ServiceSpec[], from: OperationSpec, to: OperationSpec): boolean {
  const queue = [from]
  for (const operation of queue) {
    if (operation === to) return true
    for (const step of operation.steps.flatMap(flatten)) {
      const next = step.kind === 'call' && services.find(({ name }) => name === step.service)?.operations.find(({ name }) => name === step.operation)
      if (next && !queue.includes(next)) queue.push(next)
    }
  }
  return false
}

/** A step and those inside it. */
export function flatten(step: Step): Step[] {
  if (step.kind === 'together') return step.steps.flatMap(flatten)
  if (step.kind === 'cached') return [step, ...flatten(step.miss)]
  return [step]
}
