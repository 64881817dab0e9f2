import type { OperationsRow, RequestsRow } from '#server/telemetry/ports'
import { MINUTE, type Millis } from '#shared/units'
import type { AlertSubject } from '../alert'
import { keyOf } from '../rule'
import type { Usual } from './usual'
import { memory, STEP } from './parameters'
import { Steps } from './steps'

const TEN = 10 * MINUTE

/** A route's requests (messages, too), or the calls of one operation to one remote. */
export class Series {
  readonly kind: 'route' | 'call' | 'send'
  readonly subject: AlertSubject
  readonly key: string
  /** Of all series ever met: work that need not be done at once is spread by it. */
  readonly index: number
  /** What `remote` is. */
  readonly remoteKind: OperationsRow['remoteKind']
  readonly fine = new Steps(STEP, memory.fine)
  readonly minutes = new Steps(MINUTE, memory.minutes)
  readonly tens = new Steps(TEN, memory.tens)
  /** What is usual, made anew once a minute. */
  usual: Usual | undefined
  newest = 0

  constructor(kind: Series['kind'], index: number, subject: AlertSubject, remoteKind?: OperationsRow['remoteKind']) {
    this.index = index
    this.key = keyOf(subject)
    this.kind = kind
    this.subject = subject
    this.remoteKind = remoteKind
  }

  /** Where the clock was put back to `at`. */
  forgetFrom(at: number): void {
    for (const steps of [this.fine, this.minutes, this.tens]) steps.forgetFrom(steps.number(at))
  }

  /** Steps, minutes and tens that hold `step` and those after it, from what is finer. */
  roll(from: number, to: number): void {
    fill(this.fine, this.minutes, from, to)
    fill(this.minutes, this.tens, from, to)
  }
}

/** Coarse steps that lie wholly within what is held of fine ones. */
function fill(fine: Steps, coarse: Steps, from: number, to: number) {
  for (let number = coarse.number(from); number * coarse.width < to; number++) {
    const sum = fine.sum(fine.number(number * coarse.width), fine.number((number + 1) * coarse.width))
    if (sum.spans > 0) coarse.set(number, sum)
  }
}

/** All series of the platform. Names of one service are found without going through the others. */
export class Memory {
  private series = new Map<string, Series>()
  private met = 0
  private oldest = Infinity
  private ofService = new Map<string, Series[]>()

  get all(): Iterable<Series> {
    return this.series.values()
  }

  get size(): number {
    return this.series.size
  }

  of(service: string): readonly Series[] {
    return this.ofService.get(service) ?? []
  }

  /** How long anything has been known. */
  history(at: Date): Millis {
    return Math.max(0, at.getTime() - this.oldest)
  }

  /** Rows by route, with `at`. */
  addRequests(rows: readonly RequestsRow[], level: 'fine' | 'minutes' | 'tens'): void {
    for (const row of rows) this.add(this.route(row), row, level)
  }

  /** Rows by service, operation and remote, with `at`. */
  addOperations(kind: 'call' | 'send', rows: readonly OperationsRow[], level: 'fine' | 'minutes' | 'tens'): void {
    for (const row of rows) this.add(this.call(kind, row), row, level)
  }

  forget(at: Date): void {
    for (const [id, series] of this.series) {
      if (series.newest > at.getTime() - memory.forget) continue
      this.series.delete(id)
      const { service } = series.subject
      this.ofService.set(service, this.of(service).filter(other => other !== series))
    }
  }

  private add(series: Series, row: RequestsRow | OperationsRow, level: 'fine' | 'minutes' | 'tens') {
    const at = row.at!.getTime()
    const steps = series[level]
    steps.set(steps.number(at), row)
    series.newest = Math.max(series.newest, at)
    this.oldest = Math.min(this.oldest, at)
  }

  /** The route's series, where there is one. */
  findRoute({ service, method, routeKey }: { service: string, method: string, routeKey: string }): Series | undefined {
    return this.series.get(`route ${service} ${method} ${routeKey}`)
  }

  private route({ service = '', method = '', routeKey = '' }: RequestsRow): Series {
    return this.find(`route ${service} ${method} ${routeKey}`, index => new Series('route', index, { service, method, routeKey }))
  }

  private call(kind: 'call' | 'send', { service = '', operation = '', remote = '', remoteKind }: OperationsRow): Series {
    return this.find(`${kind} ${service} ${operation} ${remote}`, index => new Series(kind, index, { service, operation, ...(remote && { remote }) }, remoteKind))
  }

  private find(id: string, make: (index: number) => Series): Series {
    let series = this.series.get(id)
    if (!series) {
      this.series.set(id, series = make(this.met++))
      this.ofService.set(series.subject.service, [...this.of(series.subject.service), series])
    }
    return series
  }
}
