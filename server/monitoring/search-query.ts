import type { LogQuery, TraceQuery } from '#server/telemetry/ports'
import { NO_ROUTE, OTHER_ROUTES, routeKeyOf } from '#shared/route-key'
import type { LogFilter } from '#shared/schemas/log-search'
import type { TraceFilter } from '#shared/schemas/trace-search'
import { parseArea, type Area } from '#shared/search/area'
import { parseDuration } from '#shared/search/duration-text'
import { listOf } from '#shared/search/tokens'
import type { TimeWindow } from '#shared/units'

/** The filter of a URL as a question to a source; a drawn area narrows time and duration further. */
export function toTraceQuery(filter: TraceFilter, window: TimeWindow, limit: number): TraceQuery {
  const area = parseArea(filter.area)
  return {
    window: within(window, area),
    service: filter.service?.toLowerCase(),
    operation: filter.operation,
    ...endpointOf(filter.endpoint),
    consumer: filter.consumer,
    minDuration: largest(duration(filter.min), area?.min),
    maxDuration: smallest(duration(filter.max), area?.max),
    failed: filter.failed === 'true' || undefined,
    statusClass: filter.status && Number(filter.status[0]),
    attributes: attributesOf(filter.attribute),
    limit,
  }
}

export function toLogQuery(filter: LogFilter, window: TimeWindow, limit: number): LogQuery {
  const services = listOf(filter.service).map(service => service.toLowerCase())
  return {
    window: within(window, parseArea(filter.area)),
    text: filter.text?.trim() || undefined,
    services: services.length ? services : undefined,
    level: filter.level,
    traceId: filter.trace,
    spanId: filter.span,
    attributes: attributesOf(filter.attribute),
    limit,
  }
}

/** Method and route key; a queue has no method and is written with a dash. */
function endpointOf(endpoint: string | undefined): Pick<TraceQuery, 'method' | 'routeKey'> {
  if (endpoint === undefined) return {}
  const divide = endpoint.indexOf(' ')
  const method = endpoint.slice(0, divide)
  const route = endpoint.slice(divide + 1).trim()
  if (method === '-') return { method: '', routeKey: route }
  return { method: method.toUpperCase(), routeKey: route === NO_ROUTE || route === OTHER_ROUTES ? route : routeKeyOf(route) }
}

function attributesOf(conditions: string | string[] | undefined): { key: string, value: string }[] | undefined {
  const attributes = listOf(conditions).map((condition) => {
    const divide = condition.indexOf('=')
    return { key: condition.slice(0, divide), value: condition.slice(divide + 1) }
  })
  return attributes.length ? attributes : undefined
}

function within(window: TimeWindow, area: Area | undefined): TimeWindow {
  if (!area) return window
  const from = Math.max(window.from.getTime(), area.from.getTime())
  // An area drawn before the window moved on is empty, not a window turned round.
  return { from: new Date(from), to: new Date(Math.max(from, Math.min(window.to.getTime(), area.to.getTime()))) }
}

function duration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text)
}

function largest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b)
}

function smallest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}
