import type { AlertSubject } from '#server/alerting/alerting'

export interface Route {
  /** Lower case. */
  service: string
  method: string
  routeKey: string
}

/** How telemetry, register and incidents find each other. */
export function routeIdOf({ service, method, routeKey }: { service?: string, method?: string, routeKey?: string }): string {
  return `${service?.toLowerCase()} ${method} ${routeKey}`
}

export function routeOf({ service, method, routeKey }: AlertSubject): Route | undefined {
  return routeKey ? { service: service.toLowerCase(), method: method ?? '', routeKey } : undefined
}

/** Where on the call path a subject stands: an edge at whom it leads to. */
export function positionOf({ service, remote }: Pick<AlertSubject, 'service' | 'remote'>): string {
  return (remote || service).toLowerCase()
}

/** A place as it is found again: the same service, operation and callee, whatever the kind of fault. */
export function culpritKeyOf({ service, operation, remote }: { service: string, operation: string, remote: string | null }): string {
  return JSON.stringify([service.toLowerCase(), operation.toLowerCase(), remote?.toLowerCase() ?? null])
}

/** As a line of a timeline names it: `POST /orders`, `order-service → stock-service`. */
export function nameOfSubject({ service, operation, remote, method, routeKey }: AlertSubject): string {
  if (routeKey) return [method, routeKey].filter(Boolean).join(' ')
  if (remote) return `${service} → ${remote}`
  return operation ? `${service} ${operation}` : service
}
