import type { Dictionary, Remote } from '../store/dictionary'
import { REMOTE_ADDRESS, REMOTE_SERVICE } from '../ingest/facts'

const enough = 1_000
const orphansHeld = 20_000

/**
 * Learns who answers at an address: a server span whose parent is the client span of another service names the
 * service behind the address that the client called. What was counted under the address before reads right, too,
 * because figures keep the address's number and the name is joined when they are read.
 *
 * An address that several services answer at (a gateway, a load balancer) stays an address.
 */
export class Callees {
  private dictionary: Dictionary
  /** Server spans whose parent has not arrived, by the parent. */
  private orphans = new Map<number, number>()

  constructor(dictionary: Dictionary) {
    this.dictionary = dictionary
  }

  /** A server span of `calleeId` has a client span with this remote as its parent. */
  vote(remoteId: number, calleeId: number): void {
    const remote = this.dictionary.remotesById.get(remoteId)
    if (!remote || remote.callerId === calleeId) return
    if (remote.kind !== REMOTE_ADDRESS && remote.kind !== REMOTE_SERVICE) return
    const { votes } = remote
    votes.set(calleeId, (votes.get(calleeId) ?? 0) + 1)
    const winner = this.winner(remote)
    if (winner !== remote.calleeId) this.dictionary.learnCallee(remote, winner)
  }

  /** A server span came before its parent. */
  wait(parent: number, calleeId: number): void {
    if (this.orphans.size >= orphansHeld) this.orphans.delete(this.orphans.keys().next().value!)
    this.orphans.set(parent, calleeId)
  }

  /** A client span came; a child of it may be waiting. */
  meet(span: number, remoteId: number): void {
    const calleeId = this.orphans.get(span)
    if (calleeId === undefined) return
    this.orphans.delete(span)
    this.vote(remoteId, calleeId)
  }

  private winner(remote: Remote): number {
    let total = 0
    let best = 0
    let bestVotes = 0
    for (const [service, votes] of remote.votes) {
      total += votes
      if (votes > bestVotes) [best, bestVotes] = [service, votes]
    }
    // Half as much counts what is past: services move.
    if (total > enough) for (const [service, votes] of remote.votes) remote.votes.set(service, votes / 2)
    return bestVotes >= 0.9 * total ? best : 0
  }
}
