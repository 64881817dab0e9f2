import type { Instance } from './instances.ts'

/** What a fault turns on: each is a property of a mechanism, none of them a property of a span. */
export interface Knobs {
  /** Multiplies the work of an operation (µs added after). */
  work: { service: string, operation?: string, factor: number, add: number, only?: Only }[]
  /** Changes how long a store takes. */
  store: { store: string, statement?: string, factor: number, add: number, share: number, only?: Only }[]
  /** Delays on the way to a service. */
  network: { to: string, add: number, from?: string }[]
  /** Calls of an operation that throw. */
  failing: { service: string, operation: string, share: number, type: string, only?: Only }[]
  /** Answers of a store that are errors. */
  storeFailing: { store: string, share: number, status: number }[]
  /** Hit ratio of a cache. */
  hits: Map<string, number>
  /** Queries that are repeated for each of a number of items. */
  repeats: { service: string, operation: string, store: string, items: number }[]
  attempts: { service: string, to: string, attempts: number }[]
  /** Milliseconds after which a caller gives up on a store. */
  timeouts: Map<string, number>
  arrivals: { operation?: string, consumer?: string, factor: number }[]
  silent: Set<string>
  /** Messages that one worker fetches a second at most. */
  fetchEvery: Map<string, number>
}

export interface Only {
  version?: string
  instance?: string
  host?: string
  zone?: string
  consumer?: string
}

export function noKnobs(): Knobs {
  return { work: [], store: [], network: [], failing: [], storeFailing: [], hits: new Map(), repeats: [], attempts: [], timeouts: new Map(), arrivals: [], silent: new Set(), fetchEvery: new Map() }
}

export function applies(only: Only | undefined, instance: Instance, { consumer }: { consumer: string }): boolean {
  if (!only) return true
  return (!only.version || only.version === instance.version) && (!only.instance || only.instance === instance.id) && (!only.host || only.host === instance.host)
    && (!only.zone || only.zone === instance.zone) && (!only.consumer || only.consumer === consumer)
}
