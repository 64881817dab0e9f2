import type { Change } from '#shared/schemas/change'
import type { Lifecycle } from '#shared/schemas/endpoint'
import type { Millis, TimeWindow } from '#shared/units'

export interface KnownService {
  /** Lower case. */
  name: string
  display: string
  colour: number
  ownerTeam: string
  latencyThreshold: Millis | null
}

export interface KnownEndpoint {
  id: string
  service: string
  method: string
  template: string
  routeKey: string
  nameKo: string
  nameEn: string
  latencyObjective: Millis | null
  errorDegraded: number | null
  errorCritical: number | null
  lifecycle: Lifecycle
}

/** What monitoring asks of the register; synchronous, because the control file is. */
export interface Register {
  services: () => KnownService[]
  /** Those that are not retired. */
  endpoints: () => KnownEndpoint[]
  /** Any, retired ones too; throws where there is none. */
  endpoint: (id: string) => KnownEndpoint
  /** Newest first. */
  changes: (query: { window: TimeWindow, service?: string, limit: number }) => Change[]
}

/** Live endpoints are judged; drafts and retired ones are not. */
export function isWatched({ lifecycle }: KnownEndpoint): boolean {
  return lifecycle === 'active' || lifecycle === 'deprecated'
}

/** How telemetry and register find each other. */
export function routeIdOf({ service, method, routeKey }: { service?: string, method?: string, routeKey?: string }): string {
  return `${service} ${method} ${routeKey}`
}
