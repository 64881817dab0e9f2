import type { Instance } from './instances.ts'
import type { Chance, Simulation } from './simulation.ts'
import type { Attributes, SimLog, SimSpan } from './spans.ts'

/** What a platform tells of itself: spans and lines as they come about, with ids that chance gives. */
export class Recorder {
  readonly spans: SimSpan[] = []
  readonly logs: SimLog[] = []
  private simulation: Simulation
  private chance: Chance
  private isSilent: (instance: Instance) => boolean

  constructor(simulation: Simulation, chance: Chance, isSilent: (instance: Instance) => boolean) {
    this.simulation = simulation
    this.chance = chance
    this.isSilent = isSilent
  }

  /** What is over and was looked at; what goes on stays. */
  forget(): void {
    this.spans.splice(0, this.spans.length, ...this.spans.filter(({ end }) => end < 0))
    this.logs.length = 0
  }

  /** Begins a span; one of somebody silent is nobody's. */
  open(instance: Instance, name: string, kind: SimSpan['kind'], context: { traceId: string, parentId: string }, attributes: Attributes): SimSpan {
    const span: SimSpan = { traceId: context.traceId, spanId: this.id(16), parentId: context.parentId, name, kind, start: this.simulation.now, end: -1, error: false, attributes, service: instance.service.name, instance }
    // Neither what a dark service does nor what it calls is seen by anyone.
    if (!this.isSilent(instance)) this.spans.push(span)
    return span
  }

  /** `plain`: not an HTTP exchange. */
  close(span: SimSpan, status: number, plain = false): void {
    span.end = this.simulation.now
    if (!plain) span.attributes['http.response.status_code'] = status
    if (status >= 500) {
      span.error = true
      if (!plain) span.attributes['error.type'] = String(status)
    }
  }

  /** A line about a request that ended. */
  log(instance: Instance, span: SimSpan, status: number): void {
    if (this.isSilent(instance)) return
    const body = status >= 500 ? `request ${span.spanId} failed with ${status}` : `handled ${span.name} for ${span.traceId.slice(0, 8)} in ${Math.round((span.end - span.start) / 1_000)} ms`
    this.logs.push({ at: this.simulation.now, severity: status >= 500 ? 'ERROR' : 'INFO', body, traceId: span.traceId, spanId: span.spanId, service: instance.service.name, instance })
  }

  /** Of so many hexadecimal digits. */
  id(digits: number): string {
    let text = ''
    while (text.length < digits) text += Math.floor(this.chance.next() * 2 ** 32).toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }
}
