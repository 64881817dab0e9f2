import { KIND } from '#shared/trace/span-table'
import type { Forest } from './forest'
import { CLIENT, SERVER } from './link-spans'
import { PairNumbers } from './pair-numbers'

export type KeyKind = 'local' | 'edge' | 'queue'

/** What a key means; numbers are texts of the traces, -1 and 0 for none. */
export interface Key {
  kind: KeyKind
  service: number
  operation: number
  /** Of an edge: whom it leads to, by service name where that is known. Of a queue: the topic. */
  remote: number
  /** Of an edge: the operation that answered, 0 where nobody did. */
  callee: number
}

/** Calls of one kind: from an operation, by a client span, to a remote. */
export interface Call {
  service: number
  /** The operation that makes them, a number of `operations`. */
  caller: number
  /** The client span's, as text. */
  operation: number
  remote: number
}

/**
 * Numbers for everything that spans are compared by:
 *
 *   L(service, operation)                         time of its own
 *   E(caller -> remote, client operation, callee) time of a call that the callee did not spend
 *   Q(topic, consumer)                            between publishing and handling
 */
export class Vocabulary {
  /** (service, name). */
  readonly operations = new PairNumbers()
  readonly keys: Key[] = []
  readonly calls: Call[] = []
  private keyNumbers = new PairNumbers()
  private callNumbers = new PairNumbers()
  private targets = new PairNumbers()
  private ends = new PairNumbers()

  local(operation: number): number {
    return this.key('local', operation, 0, 0)
  }

  edge(operation: number, remote: number, callee: number): number {
    return this.key('edge', operation, remote, callee)
  }

  queue(operation: number, topic: number): number {
    return this.key('queue', operation, topic, 0)
  }

  call(caller: number, operation: number, remote: number): number {
    const number = this.callNumbers.add(this.targets.add(operation, remote), caller)
    if (number === this.calls.length) {
      this.calls.push({ service: this.operations.first[operation]!, caller, operation: this.operations.second[operation]!, remote })
    }
    return number
  }

  private key(kind: KeyKind, operation: number, remote: number, callee: number): number {
    const end = this.ends.add(this.targets.add(operation, remote), callee * 4 + ['local', 'edge', 'queue'].indexOf(kind))
    const number = this.keyNumbers.add(end, 0)
    if (number === this.keys.length) {
      this.keys.push({ kind, service: this.operations.first[operation]!, operation: this.operations.second[operation]!, remote, callee })
    }
    return number
  }
}

/** Who answers at each address: the service whose requests come from calls there, in at least nine of ten; else the address. */
export function findCallees(forest: Forest): Map<number, number> {
  const votes = new Map<number, Map<number, number>>()
  const { traces, source, parent, flags } = forest
  for (let span = 0; span < parent.length; span++) {
    const above = parent[span]!
    if (above < 0 || (flags[span]! & KIND) !== SERVER || (flags[above]! & KIND) !== CLIENT) continue
    const remote = traces.remote[source[above]!]!
    if (remote === 0) continue
    const of = votes.get(remote) ?? new Map<number, number>()
    const service = traces.service[source[span]!]!
    votes.set(remote, of.set(service, (of.get(service) ?? 0) + 1))
  }
  const callees = new Map<number, number>()
  for (const [remote, of] of votes) {
    const total = [...of.values()].reduce((sum, count) => sum + count, 0)
    for (const [service, count] of of) if (count >= 0.9 * total) callees.set(remote, service)
  }
  return callees
}
