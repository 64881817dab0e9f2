import type { TraceQuery } from '../../ports'
import type { Names } from './names'

/** What a list shows as the duration: what the consumer waited for, once it is known. */
const shown = 'case when t.rooted then t.root_duration else t.ended_at - t.started_at end'

/** What is asked of the summaries, as SQL over `traces t` and, where a service is asked for, its part `p`. */
export interface Filter {
  from: string
  order: string
  where: string
  values: (string | number)[]
  /** Nothing is asked but the service and the time. */
  plain: boolean
}

/** Conditions that the summaries answer; undefined where a name was never seen, so nothing can match. */
export function filterOf(query: TraceQuery, names: Names): Filter | undefined {
  const where = ['1']
  const values: (string | number)[] = []
  const condition = (sql: string, ...of: (string | number)[]) => {
    where.push(sql)
    values.push(...of)
  }
  const serviceId = query.service === undefined ? undefined : names.serviceId(query.service.toLowerCase())
  if (query.service !== undefined && serviceId === undefined) return undefined
  /** A number in a list of one service's part: of the service asked for, or of those whose numbers these are. */
  const part = (column: 'operations' | 'routes', named: readonly { id: number, serviceId: number }[]) => {
    const each = named.map(({ id }) => ({ sql: `instr(p.${column}, ?) > 0`, value: `,${id},` }))
    if (serviceId !== undefined) return condition(`(${each.map(({ sql }) => sql).join(' or ')})`, ...each.map(({ value }) => value))
    const parts = each.map(({ sql }) => `exists (select 1 from trace_services p where p.service_id = ? and p.started_at >= t.started_at and p.started_at <= t.ended_at and p.trace = t.id and ${sql})`)
    condition(`(${parts.join(' or ')})`, ...named.flatMap(({ serviceId }, index) => [serviceId, each[index]!.value]))
  }
  if (serviceId !== undefined) condition('p.service_id = ?', serviceId)
  if (query.operation !== undefined) {
    const named = names.operationsNamed(query.operation, serviceId)
    if (named.length === 0) return undefined
    part('operations', named)
  }
  if (query.method !== undefined || query.routeKey !== undefined) {
    const named = names.routes().filter(route => (serviceId === undefined || route.serviceId === serviceId)
      && (query.method === undefined || route.method === query.method) && (query.routeKey === undefined || route.routeKey === query.routeKey))
    if (named.length === 0) return undefined
    part('routes', named)
  }
  if (query.consumer === 'unknown') condition('t.consumer_id is null')
  else if (query.consumer !== undefined) {
    const id = names.consumerId(query.consumer)
    if (id === undefined) return undefined
    condition('t.consumer_id = ?', id)
  }
  if (query.minDuration !== undefined) condition(`${shown} >= ?`, query.minDuration)
  if (query.maxDuration !== undefined) condition(`${shown} <= ?`, query.maxDuration)
  if (query.failed !== undefined) condition(serviceId === undefined ? 't.failed = ?' : 'p.failed = ?', query.failed ? 1 : 0)
  if (query.statusClass !== undefined) {
    const column = serviceId === undefined ? 't.status' : 'p.status'
    condition(`${column} >= ? and ${column} < ?`, query.statusClass * 100, query.statusClass * 100 + 100)
  }
  return serviceId === undefined
    ? { from: 'from traces t', order: 't.started_at', where: where.join(' and '), values, plain: where.length === 1 }
    : { from: 'from trace_services p join traces t on t.id = p.trace', order: 'p.started_at', where: where.join(' and '), values, plain: where.length === 2 }
}
