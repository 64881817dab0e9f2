import type { Transaction } from '#server/db/client'
import type { AlertOrigin, Severity } from '#shared/alerting/severity'
import type { Sentence } from '#shared/text/text'

/** What an alert is about, by the names of telemetry. With `remote` it is an edge, measured by `service`, its caller. */
export interface AlertSubject {
  service: string
  /** As sent: a request's operation, or on an edge the caller's client operation. */
  operation?: string
  remote?: string
  /** A route of the service; `''` and the destination where the request is a message. */
  method?: string
  routeKey?: string
  consumer?: string
  /** What else sets it apart: labels of a series or of another system's alert. */
  labels?: Readonly<Record<string, string>>
}

/** One firing of one rule for one subject, from the slot in which it fired to the one in which it no longer did. */
export interface Alert {
  id: string
  /** Id of a rule of one's own, or the name of a built-in one. */
  rule: string
  origin: AlertOrigin
  subject: AlertSubject
  severity: Severity
  /** When the series left its range, as far as that can be told; never after `startedAt`. */
  onset: Date
  startedAt: Date
  lastFiredAt: Date
  endedAt?: Date
  /** Why, with the newest figures. */
  reason: Sentence
}

export interface AlertChange {
  alert: Alert
  became: 'firing' | 'worse' | 'over'
}

/**
 * Told of every change in the transaction that stores it, so that no alert is ever without its incident. What takes
 * time (a diagnosis, a message) waits until the transaction stands.
 */
export type AlertListener = (tx: Transaction, changes: AlertChange[], at: Date) => void
