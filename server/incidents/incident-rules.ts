import type { Alert } from '#server/alerting/alerting'
import { severities, type Severity } from '#shared/alerting/severity'
import { SECOND, type Millis } from '#shared/units'

/** How long nothing must have fired. */
export const calm: Millis = 60 * SECOND

type Lasting = Pick<Alert, 'severity' | 'lastFiredAt'> & { endedAt?: Date | null }

/** Insights are kept with an incident, but neither open it nor hold it open. */
export function counts({ severity }: { severity: Severity }): boolean {
  return severity !== 'info'
}

/** The worst of what still fires; what it was where nothing does. */
export function severityOf(alerts: readonly Lasting[], before: Severity): Severity {
  const firing = alerts.filter(alert => !alert.endedAt && counts(alert))
  return firing.length ? firing.map(({ severity }) => severity).reduce(graver) : before
}

export function graver(a: Severity, b: Severity): Severity {
  return severities[Math.max(severities.indexOf(a), severities.indexOf(b))]!
}

/** An alert whose rule cannot be asked has not ended: it keeps its incident open. */
export function isCalm(alerts: readonly Lasting[], at: Date): boolean {
  return alerts.filter(counts).every(({ endedAt, lastFiredAt }) => endedAt && at.getTime() - lastFiredAt.getTime() >= calm)
}
