import type { Notifications } from '#server/alerting/alerting'
import type { Clock } from '#server/clock'
import type { Database } from '#server/db/client'
import type { Change } from '#shared/schemas/change'
import type { Lifecycle } from '#shared/schemas/endpoint'
import type { State } from '#shared/status/state'
import type { Millis, TimeWindow } from '#shared/units'
import type { Feed } from './feed'
import type { RevisionLine } from './revision-line'

export interface KnownEndpoint {
  id: string
  service: string
  method: string
  template: string
  routeKey: string
  lifecycle: Lifecycle
  nameKo: string
  nameEn: string
  ownerTeam: string
  repeatSafe: 'yes' | 'no' | 'unknown'
  latencyObjective: Millis | null
}

export interface KnownService {
  name: string
  display: string
  colour: number
  latencyThreshold: Millis | null
}

/** What incidents ask of the register; synchronous, because the control file is. */
export interface IncidentRegister {
  /** All that is not retired. */
  endpoints: () => KnownEndpoint[]
  services: () => KnownService[]
  /** Newest first. */
  changes: (query: { window: TimeWindow, service?: string, limit: number }) => Change[]
}

/** How endpoints are doing right now; undefined where nobody can tell. */
export type StateOf = (endpointId: string) => { state: State, since: Date } | undefined

/** What the parts of the room share. */
export interface Room {
  db: Database
  clock: Clock
  register: IncidentRegister
  notifications: Pick<Notifications, 'enqueue'>
  feed: Feed<RevisionLine>
}
