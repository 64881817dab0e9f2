import type { Span } from '#shared/trace/span'

/** When everything in the kits happens: recent by the clock of the source under test. */
export const start = new Date('2026-11-23T05:30:00Z').getTime() * 1000
export const window = { from: new Date(start / 1000 - 60_000), to: new Date(start / 1000 + 600_000) }

export const idOf = (n: number) => n.toString(16).padStart(16, '1')
export const traceIdOf = (n: number) => n.toString(16).padStart(32, '2')

/** Times are milliseconds from `start`. */
type Drawn = { trace?: number, id: number, parent?: number, from?: number, to?: number } & Partial<Omit<Span, 'traceId' | 'spanId' | 'key' | 'parentId' | 'start' | 'duration'>>

/** A span with everything that need not be said. */
export function span({ trace = 1, id, parent, from = 0, to = from + 10, ...rest }: Drawn): Span {
  return {
    traceId: traceIdOf(trace), spanId: idOf(id), key: idOf(id), ...(parent !== undefined && { parentId: idOf(parent) }), name: 'work', kind: 'internal', service: 'shop',
    start: start + from * 1000, duration: (to - from) * 1000, status: 'unset', attributes: {}, resource: {}, events: [], links: [], ...rest,
  }
}

/** A request as HTTP servers report it. */
export function request({ route, status = 200, consumer, method = 'GET', ...rest }: Omit<Drawn, 'status'> & { route: string, status?: number, consumer?: string, method?: string }): Span {
  return span({
    kind: 'server', name: `${method} ${route}`, ...rest, status: status >= 500 ? 'error' : 'unset',
    attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status, ...(consumer && { 'api.client.id': consumer }), ...rest.attributes },
  })
}
