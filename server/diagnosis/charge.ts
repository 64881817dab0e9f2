import { findCriticalPath, visitPath } from '#shared/trace/critical-path'
import { ASYNC, KIND, ORPHAN, withBits } from '#shared/trace/span-table'
import { durationOf, type Forest } from './forest'
import { CLIENT, CONSUMER, INTERNAL, NONE, PRODUCER, SERVER } from './link-spans'
import { findCallees, Vocabulary } from './vocabulary'

/** Requests that are judged: roots, work taken from a queue, and parts whose beginning is missing. */
export interface Units {
  count: number
  /** The span in the forest. */
  root: Uint32Array
  trace: Uint32Array
  /** Root operation, with the first operation downstream where the root's name says nothing. */
  endpoint: Uint32Array
  weight: Float64Array
  /** Microseconds: from the beginning, for queued work from its publication, to its end. */
  total: Float64Array
  /** When it began, microseconds since the epoch. */
  start: Float64Array
}

/** Everything the contrast needs, one entry per span of the forest, -1 where a span belongs to no unit. */
export interface Charges {
  forest: Forest
  vocabulary: Vocabulary
  units: Units
  unit: Int32Array
  operation: Uint32Array
  /** Nearest operation above in the same service that is no call: who makes the calls. -1 at the top. */
  caller: Int32Array
  key: Int32Array
  call: Int32Array
  /** Time of its own, on the path or not: without children that it waited for; of a call: without what the callee spent. */
  self: Float64Array
  /** What its unit waited for it, microseconds; zero off the path. */
  charge: Float64Array
  /** The same with everything below it. */
  inclusive: Float64Array
  /** 1 where a client span has a request below it. */
  answered: Uint8Array
  queue: { unit: Uint32Array, key: Uint32Array, delay: Float64Array }
}

/** A name that says nothing about where a request goes. */
const wildcard = /^(?:HTTP )?(?:[A-Z]+)?(?: ?\/?\*{0,2})?$/
/** A root whose beginning is missing counts half. */
const ORPHAN_WEIGHT = 0.5

/**
 * S2. Every instant of a unit goes to exactly one key. The path is that of `shared/trace/critical-path.ts`; the kind of
 * the span that runs decides the key, and what runs in parallel off the path is kept as own time only.
 *
 *   order   server  |=======================|     L(shop, POST /orders)
 *   pay       client    |=============|           E(shop -> pay), the callee's part excepted
 *   charge      server    |========|              L(pay, POST /charge)
 *   charges         |ooo|pp|cccccccc|pp|ooooo|    sum to the duration of the root
 *
 * `isRoot` makes units of the highest spans of some operations instead, to look at a service from its own door.
 */
export function chargeUnits(forest: Forest, isRoot?: (service: string, operation: string) => boolean): Charges {
  const { traces, source, parent, flags, first, size } = forest
  const total = parent.length
  const vocabulary = new Vocabulary()
  const callees = findCallees(forest)
  const charges: Charges = {
    forest, vocabulary,
    units: { count: 0, root: new Uint32Array(0), trace: new Uint32Array(0), endpoint: new Uint32Array(0), weight: new Float64Array(0), total: new Float64Array(0), start: new Float64Array(0) },
    unit: new Int32Array(total).fill(NONE), operation: new Uint32Array(total), caller: new Int32Array(total).fill(NONE),
    key: new Int32Array(total).fill(NONE), call: new Int32Array(total).fill(NONE),
    self: new Float64Array(total), charge: new Float64Array(total), inclusive: new Float64Array(total), answered: new Uint8Array(total),
    queue: { unit: new Uint32Array(0), key: new Uint32Array(0), delay: new Float64Array(0) },
  }
  const publishers = findPublishers(forest)
  nameSpans()
  measureOwnTime()
  const roots = findRoots()
  const queue = { unit: [] as number[], key: [] as number[], delay: [] as number[] }
  const units = { root: [] as number[], trace: [] as number[], endpoint: [] as number[], weight: [] as number[], total: [] as number[], start: [] as number[] }
  for (const { root, trace } of roots) chargeUnit(root, trace)
  charges.units = {
    count: units.root.length, root: Uint32Array.from(units.root), trace: Uint32Array.from(units.trace), endpoint: Uint32Array.from(units.endpoint),
    weight: Float64Array.from(units.weight), total: Float64Array.from(units.total), start: Float64Array.from(units.start),
  }
  charges.queue = { unit: Uint32Array.from(queue.unit), key: Uint32Array.from(queue.key), delay: Float64Array.from(queue.delay) }
  return charges

  /** Operations, callers, keys and calls; parents come before children. */
  function nameSpans() {
    const callee = new Int32Array(total).fill(NONE)
    for (let span = 0; span < total; span++) {
      const i = source[span]!
      const above = parent[span]!
      const kind = flags[span]! & KIND
      charges.operation[span] = vocabulary.operations.add(traces.service[i]!, traces.name[i]!)
      if (above < 0) continue
      const caller = flags[above]! & KIND
      if (traces.service[source[above]!] === traces.service[i]) {
        charges.caller[span] = caller === CLIENT || caller === PRODUCER ? charges.caller[above]! : charges.operation[above]!
      }
      if (kind === SERVER && caller === CLIENT && callee[above]! < 0) {
        callee[above] = span
        charges.answered[above] = 1
      }
    }
    for (let span = 0; span < total; span++) {
      const kind = flags[span]! & KIND
      const operation = charges.operation[span]!
      if (kind !== CLIENT && kind !== PRODUCER) {
        charges.key[span] = vocabulary.local(operation)
        continue
      }
      const answer = callee[span]!
      const said = traces.remote[source[span]!]!
      const remote = answer >= 0 ? traces.service[source[answer]!]! : callees.get(said) ?? said
      charges.key[span] = vocabulary.edge(operation, remote, answer >= 0 ? traces.name[source[answer]!]! : 0)
      if (kind === CLIENT) charges.call[span] = vocabulary.call(charges.caller[span]! < 0 ? operation : charges.caller[span]!, operation, remote)
    }
  }

  /** One pass: siblings come by start, so what is covered so far is one number per parent. */
  function measureOwnTime() {
    const covered = new Float64Array(total)
    const spent = new Float64Array(total)
    for (let span = 0; span < total; span++) {
      covered[span] = forest.start[span]!
      const above = parent[span]!
      if (above < 0 || flags[span]! & ASYNC) continue
      const end = forest.start[above]! + durationOf(forest, above)
      const to = Math.min(end, forest.start[span]! + durationOf(forest, span))
      const from = Math.max(forest.start[span]!, covered[above]!)
      if (to > from) {
        spent[above]! += to - from
        covered[above] = to
      }
    }
    for (let span = 0; span < total; span++) charges.self[span] = Math.max(0, durationOf(forest, span) - spent[span]!)
    // The gap of a call never mixes two clocks: it is the difference of two durations.
    for (let span = 0; span < total; span++) {
      const above = parent[span]!
      if (above < 0 || (flags[span]! & KIND) !== SERVER || (flags[above]! & KIND) !== CLIENT || size[above] !== size[span]! + 1) continue
      charges.self[above] = Math.max(0, durationOf(forest, above) - durationOf(forest, span))
    }
  }

  function findRoots() {
    const found: { root: number, trace: number }[] = []
    for (let trace = 0; trace + 1 < first.length; trace++) {
      for (let span = first[trace]!; span < first[trace + 1]!; span++) {
        const kind = flags[span]! & KIND
        if (isRoot) {
          const i = source[span]!
          if (!isRoot(traces.texts[traces.service[i]!]!, traces.texts[traces.name[i]!]!)) continue
          found.push({ root: span, trace })
          span += size[span]! - 1
        }
        else if (parent[span]! < 0 || (flags[span]! & ASYNC && (kind === CONSUMER || kind === SERVER))) found.push({ root: span, trace })
      }
    }
    return found
  }

  function chargeUnit(root: number, trace: number) {
    const unit = units.root.length
    const base = first[trace]!
    const table = { ...forest.table(trace), main: root - base }
    const path = withBits(table, findCriticalPath(table))
    visitPath(path, (span, from, to) => {
      charges.charge[base + span]! += (to - from) * table.tick
    })
    const last = root + size[root]!
    for (let span = root; span < last; span++) {
      const above = parent[span]!
      if (span !== root && (flags[span]! & ASYNC || charges.unit[above] !== unit)) continue
      charges.unit[span] = unit
    }
    for (let span = last - 1; span >= root; span--) {
      if (charges.unit[span] !== unit) continue
      charges.inclusive[span]! += charges.charge[span]!
      if (span !== root) charges.inclusive[parent[span]!]! += charges.inclusive[span]!
    }
    const delay = queueDelay(root)
    if (delay !== undefined) {
      queue.unit.push(unit)
      queue.key.push(vocabulary.queue(charges.operation[root]!, traces.remote[source[root]!]! || traces.remote[source[publisherOf(root)]!]!))
      queue.delay.push(delay)
    }
    units.root.push(root)
    units.trace.push(trace)
    units.endpoint.push(endpointOf(root))
    units.weight.push(traces.weight[trace]! * (flags[root]! & ORPHAN ? ORPHAN_WEIGHT : 1))
    units.total.push(table.duration[root - base]! * table.tick + (delay ?? 0))
    units.start.push(forest.start[root]! - (delay ?? 0))
  }

  /** From the end of publishing to the beginning of handling. */
  function queueDelay(root: number): number | undefined {
    const above = publisherOf(root)
    if ((flags[root]! & KIND) !== CONSUMER || above < 0) return undefined
    return Math.max(0, forest.start[root]! - forest.start[above]! - ((flags[above]! & KIND) === PRODUCER ? durationOf(forest, above) : 0))
  }

  /** By parenthood, else by the link of a consumer that began a trace of its own. */
  function publisherOf(root: number): number {
    const above = parent[root]!
    return above >= 0 && (flags[above]! & KIND) === PRODUCER ? above : publishers.get(root) ?? above
  }

  function endpointOf(root: number): number {
    const operation = charges.operation[root]!
    if (!wildcard.test(traces.texts[vocabulary.operations.second[operation]!]!)) return operation
    for (let span = root + 1; span < root + size[root]!; span++) {
      const kind = flags[span]! & KIND
      if (charges.unit[span] === charges.unit[root] && kind !== CLIENT && kind !== INTERNAL && kind !== PRODUCER) return charges.operation[span]!
    }
    return operation
  }
}

/** Consumers that name their publisher by a link, both as spans of the forest. */
function findPublishers({ traces, source, first }: Forest): Map<number, number> {
  const publishers = new Map<number, number>()
  if (traces.linkFrom.length === 0) return publishers
  const placeOf = new Uint32Array(traces.id.length)
  for (let span = 0; span < source.length; span++) placeOf[source[span]!] = span
  for (const [i, from] of traces.linkFrom.entries()) {
    const trace = traces.linkTrace[i]!
    if (trace < 0) continue
    for (let span = first[trace]!; span < first[trace + 1]!; span++) {
      if (traces.id[source[span]!] === traces.linkId[i] && traces.kind[source[span]!] === PRODUCER) publishers.set(placeOf[from]!, span)
    }
  }
  return publishers
}
