import { placeInstances, type Instance } from './instances.ts'
import { applies, noKnobs } from './knobs.ts'
import { Recorder } from './recorder.ts'
import { Chance, Happening, Simulation, Slots, type Process } from './simulation.ts'
import type { OperationSpec, Step, StoreSpec, Topology } from './topology.ts'
import type { SimSpan } from './spans.ts'

const MS = 1_000
/** Something always fails somewhere. */
const USUAL_FAILURES = 0.0008

interface Store {
  spec: StoreSpec
  slots: Slots
}

interface Context {
  traceId: string
  parentId: string
  consumer: string
}

/** A platform that works: requests queue for workers and connections, time out, are tried again, and leave spans. */
export class Platform {
  readonly simulation = new Simulation()
  readonly told: Recorder
  readonly instances: Map<string, Instance[]>
  knobs = noKnobs()
  private chance: Chance
  private stores = new Map<string, Store>()
  private topics = new Map<string, { context: Context, published: number }[]>()
  private topology: Topology

  constructor(topology: Topology, seed: number) {
    this.topology = topology
    this.chance = new Chance(seed * 7 + 3)
    for (const spec of topology.stores) this.stores.set(spec.name, { spec, slots: new Slots(spec.capacity) })
    this.told = new Recorder(this.simulation, this.chance, ({ service }) => service.dark || this.knobs.silent.has(service.name))
    this.instances = placeInstances(topology, this.chance)
  }

  start(until: number): void {
    for (const entry of this.topology.entries) this.simulation.spawn(this.arrive(entry, until))
    for (const instances of this.instances.values()) for (const instance of instances) this.simulation.spawn(this.pause(instance, until))
    for (const service of this.topology.services) {
      for (const operation of service.operations) {
        if (!operation.topic) continue
        this.topics.set(operation.topic, [])
        for (const instance of this.instances.get(service.name)!) for (let i = 0; i < 2; i++) this.simulation.spawn(this.consume(instance, operation, until))
      }
    }
  }

  /** Every minute or so an instance stands still for a moment. */
  private* pause(instance: Instance, until: number): Process {
    while (this.simulation.now < until) {
      yield this.chance.exponential(60e6)
      instance.pausedUntil = this.simulation.now + this.chance.between(20_000, 150_000)
    }
  }

  private* arrive({ service, operation, rate }: Topology['entries'][number], until: number): Process {
    while (this.simulation.now < until) {
      const surge = this.knobs.arrivals.filter(knob => !knob.operation || knob.operation === operation)
      const swell = 1 + 0.15 * Math.sin(this.simulation.now / 60e6)
      const extra = surge.reduce((sum, { factor }) => sum + factor - 1, 0)
      yield this.chance.exponential(1e6 / (rate * swell * (1 + extra)))
      const named = surge.filter(knob => knob.consumer)
      const isExtra = extra > 0 && named.length > 0 && this.chance.next() < extra / (1 + extra)
      const consumer = isExtra ? named[0]!.consumer! : this.chance.weighted(this.topology.consumers.map(({ name, weight }) => ({ weight, value: name })))
      const context: Context = { traceId: this.told.id(32), parentId: '', consumer }
      this.simulation.spawn(this.serve(service, operation, context))
    }
  }

  /** The way there, a worker's turn, the work, the way back. Answers the status. */
  private* serve(service: string, name: string, context: Context, from?: string): Process<number> {
    const instances = this.instances.get(service)!
    const instance = this.chance.pick(instances)
    const operation = instance.service.operations.find(other => other.name === name)!
    const delay = this.knobs.network.filter(knob => knob.to === service && (!knob.from || knob.from === from)).reduce((sum, { add }) => sum + this.chance.around(add, 0.3), 0)
    yield this.chance.around(0.4 * MS, 0.4) + delay
    yield* instance.workers.take()
    const span = this.told.open(instance, name, 2, context, { 'http.request.method': name.split(' ')[0]!, 'http.route': name.split(' ')[1] ?? name, ...(context.parentId === '' && { 'api.client.id': context.consumer }) })
    const status = yield* this.handle(instance, operation, { ...context, parentId: span.spanId })
    instance.workers.release()
    this.told.close(span, status)
    if (this.chance.next() < 0.3 || status >= 500) this.told.log(instance, span, status)
    yield this.chance.around(0.3 * MS, 0.4)
    return status
  }

  private* handle(instance: Instance, operation: OperationSpec, context: Context): Process<number> {
    const inner = operation.inner ? this.told.open(instance, operation.inner, 1, context, {}) : undefined
    const inside = inner ? { ...context, parentId: inner.spanId } : context
    // Tails are heavy everywhere: one in a hundred takes several times as long.
    let work = this.chance.around(operation.work * MS, 0.35) * (this.chance.next() < 0.01 ? 6 : 1)
    for (const knob of this.knobs.work) {
      if (knob.service !== instance.service.name && knob.service !== '*') continue
      if ((!knob.operation || knob.operation === operation.name) && applies(knob.only, instance, context)) work = work * knob.factor + (knob.add ? this.chance.around(knob.add, 0.35) : 0)
    }
    yield Math.max(0, instance.pausedUntil - this.simulation.now) + work * 0.6
    let status = 200
    for (const step of operation.steps) {
      status = yield* this.step(instance, operation, step, inside)
      if (status >= 500) break
    }
    yield work * 0.4
    const failing = this.knobs.failing.find(knob => knob.service === instance.service.name && knob.operation === operation.name && applies(knob.only, instance, context))
    const isThrown = status < 500 && this.chance.next() < Math.max(failing?.share ?? 0, USUAL_FAILURES)
    if (isThrown) status = 500
    if (inner) {
      if (isThrown) inner.exception = { type: failing?.type ?? 'IOException', message: `in ${operation.name}` }
      this.told.close(inner, status, true)
    }
    return status
  }

  private* step(instance: Instance, operation: OperationSpec, step: Step, context: Context): Process<number> {
    switch (step.kind) {
      case 'call': return this.chance.next() < step.share ? yield* this.call(instance, step, context) : 200
      case 'query': {
        if (this.chance.next() >= step.share) return 200
        const repeated = this.knobs.repeats.find(knob => knob.service === instance.service.name && knob.operation === operation.name && knob.store === step.store)
        const times = repeated ? 1 + Math.round(this.chance.exponential(repeated.items)) + 3 : step.times
        for (let i = 0; i < times; i++) {
          const status = yield* this.query(instance, step, context)
          if (status >= 500) return status
        }
        return 200
      }
      case 'cached': {
        yield* this.query(instance, { store: step.store, statement: 'GET', timeout: 1_000 }, context)
        const hits = this.knobs.hits.get(step.store) ?? step.hits
        return this.chance.next() < hits ? 200 : yield* this.step(instance, operation, step.miss, context)
      }
      case 'together': {
        const running = step.steps.map(inner => this.simulation.spawn(this.step(instance, operation, inner, context)))
        let worst = 200
        for (const one of running) {
          yield one
          worst = Math.max(worst, one.value!)
        }
        return worst
      }
      case 'publish': {
        if (this.chance.next() >= step.share) return 200
        const span = this.told.open(instance, `${step.topic} publish`, 4, context, { 'messaging.system': 'kafka', 'messaging.destination.name': step.topic })
        yield this.chance.around(1.5 * MS, 0.4)
        this.told.close(span, 200, true)
        this.topics.get(step.topic)!.push({ context: { ...context, parentId: span.spanId }, published: this.simulation.now })
        return 200
      }
    }
  }

  /** Tries as often as the caller is told to, and gives up at its limit; the callee works on. */
  private* call(instance: Instance, { service, operation, timeout, attempts }: Extract<Step, { kind: 'call' }>, context: Context): Process<number> {
    const most = this.knobs.attempts.find(knob => knob.service === instance.service.name && knob.to === service)?.attempts ?? attempts
    const limit = (this.knobs.timeouts.get(service) ?? timeout) * MS
    const isDark = this.instances.get(service)![0]!.service.dark
    for (let attempt = 0; attempt < most; attempt++) {
      if (attempt > 0) yield this.chance.around(20 * MS * 2 ** attempt, 0.2)
      const span = this.told.open(instance, isDark ? operation : operation.split(' ')[0]!, 3, context, { 'http.request.method': operation.split(' ')[0]!, 'server.address': service })
      const answer = this.simulation.spawn(this.serve(service, operation, { ...context, parentId: span.spanId }, instance.service.name))
      const status = yield* this.await(answer, limit, span)
      if (status < 500) return status
    }
    return 502
  }

  /** Takes a connection first: waiting for one is time of the caller's own. */
  private* query(instance: Instance, { store: name, statement, timeout }: { store: string, statement: string, timeout: number }, context: Context): Process<number> {
    const store = this.stores.get(name)!
    const pool = instance.pools.get(name)!
    yield* pool.take()
    const { kind, system } = store.spec
    const span = this.told.open(instance, statement, 3, context, {
      'server.address': name, ...(kind === 'external' ? { 'http.request.method': statement.split(' ')[0]! } : { 'db.system': system, 'db.namespace': name }),
    })
    const failing = this.knobs.storeFailing.find(knob => knob.store === name)
    const answer = this.simulation.spawn(this.work(store, statement, context, instance))
    const status = yield* this.await(answer, (this.knobs.timeouts.get(name) ?? timeout) * MS, span, failing && this.chance.next() < failing.share ? failing.status : 200)
    pool.release()
    return status
  }

  private* work(store: Store, statement: string, context: Context, instance: Instance): Process<number> {
    yield this.chance.around(0.3 * MS, 0.3)
    yield* store.slots.take()
    let time = this.chance.around(store.spec.median * MS, store.spec.spread)
    for (const knob of this.knobs.store) {
      if (knob.store !== store.spec.name || (knob.statement && knob.statement !== statement) || !applies(knob.only, instance, context)) continue
      if (this.chance.next() < knob.share) time = time * knob.factor + (knob.add ? this.chance.around(knob.add, 0.15) : 0)
    }
    yield time
    store.slots.release()
    yield this.chance.around(0.3 * MS, 0.3)
    return 200
  }

  private* await(answer: Happening<number>, limit: number, span: SimSpan, status = 200): Process<number> {
    const either = new Happening<'answer' | 'limit'>()
    answer.then(() => either.fire('answer'))
    this.simulation.after(limit, () => either.fire('limit'))
    yield either
    if (either.value === 'limit') {
      span.exception = { type: 'TimeoutException', message: `timed out after ${limit / MS} ms` }
      span.error = true
      span.end = this.simulation.now
      return 504
    }
    const result = Math.max(status, answer.value!)
    this.told.close(span, result, !span.attributes['http.request.method'])
    return result
  }

  private* consume(instance: Instance, operation: OperationSpec, until: number): Process {
    const queue = this.topics.get(operation.topic!)!
    while (this.simulation.now < until) {
      const message = queue.shift()
      const pause = this.knobs.fetchEvery.get(operation.topic!)
      if (pause) yield pause * MS
      if (!message) {
        yield 20 * MS
        continue
      }
      const span = this.told.open(instance, operation.name, 5, message.context, { 'messaging.system': 'kafka', 'messaging.destination.name': operation.topic! })
      const status = yield* this.handle(instance, operation, { ...message.context, parentId: span.spanId })
      this.told.close(span, status, true)
    }
  }
}
