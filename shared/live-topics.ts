import type { Permission } from './permissions'

/** What can be new. Events say that something is, and enough to know whether it concerns the page; the page asks for the rest. */
export const liveTopics = ['status', 'traces', 'logs', 'register', 'sources', 'incidents', 'alerts', 'notifications'] as const
export type LiveTopic = (typeof liveTopics)[number]

/** Besides the topics: the first event of a stream, and what is said where events were missed. */
export const liveSignals = ['hello', 'resync'] as const

export const livePermissions: Record<LiveTopic, Permission> = {
  status: 'status:read',
  traces: 'traces:read',
  logs: 'logs:read',
  register: 'endpoints:read',
  sources: 'status:read',
  incidents: 'incidents:read',
  alerts: 'alerts:read',
  notifications: 'settings:manage',
}

export interface LiveData {
  /** Figures were read anew; and whose state changed, as `service:<name>` or `endpoint:<id>`. */
  status: { changed: string[] }
  /** Traces that grew; not all of them where `more`. */
  traces: { ids: string[], services: string[], more: boolean }
  logs: { services: string[] }
  register: Record<string, never>
  /** One went away, or is back: whatever a page shows may be of it. */
  sources: Record<string, never>
  /** One of which something is new: a revision, or figures. */
  incidents: { id: string, number: number }
  /** Alerts that began, grew worse or ended; none where rules or silences changed. */
  alerts: { ids: string[] }
  /** A try was made. */
  notifications: Record<string, never>
}
