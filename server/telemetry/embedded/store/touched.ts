import { hexOf } from '../otlp/hex'
import { Completions } from './completions'
import type { Route } from './dictionary'

const mostTraces = 500

/** What commits touched since it was last asked, so that live pages know what to read again. */
export class Touched {
  readonly completions = new Completions()
  private services = new Set<string>()
  private routes = new Set<Route>()
  private traces = new Set<string>()
  private signals = new Set<'traces' | 'metrics' | 'logs'>()
  private more = false

  signal(signal: 'traces' | 'metrics' | 'logs'): void {
    this.signals.add(signal)
  }

  service(name: string): void {
    this.services.add(name)
  }

  route(route: Route): void {
    this.routes.add(route)
  }

  trace(traceId: Uint8Array): void {
    if (this.traces.size < mostTraces) this.traces.add(hexOf(traceId))
    else this.more = true
  }

  take() {
    const taken = {
      signals: [...this.signals],
      services: [...this.services],
      routes: [...this.routes].map(({ service, method, routeKey }) => ({ service: service.name, method, routeKey })),
      traces: [...this.traces],
      more: this.more,
      completions: this.completions.take(),
    }
    this.signals.clear()
    this.services.clear()
    this.routes.clear()
    this.traces.clear()
    this.more = false
    return taken
  }
}
