import type { KeyActor } from '#server/access/access'
import { AppError } from '#shared/errors'
import type { Severity } from '#shared/alerting/severity'
import type { AlertmanagerMessage, SentAlertmanagerAlert } from '#shared/schemas/alertmanager'
import type { Sentence } from '#shared/text/text'
import { isPlainLink } from '#shared/plain-link'
import { routeKeyOf } from '#shared/route-key'
import type { AlertChange, AlertSubject } from './alert'
import type { Judged } from './rule'

/** Names by which systems call what we call otherwise, the first that is there counts. */
const serviceLabels = ['service_name', 'service', 'job']
const severitiesOf: Record<string, Severity> = { critical: 'critical', page: 'critical', error: 'critical', high: 'critical', info: 'info', none: 'info', low: 'info' }

const longestText = 300

/**
 * Alerts of another system, judged there: each is a rule of its own here, known by its fingerprint, that fires while
 * Alertmanager says so. Whatever is sent twice changes nothing the second time.
 */
export function createAlertmanager({ apply }: { apply: (judged: readonly Judged[]) => AlertChange[] }) {
  return {
    receive(actor: KeyActor, { alerts }: AlertmanagerMessage): { fired: number, resolved: number, unchanged: number, refused: number } {
      // The last word on each counts.
      const newest = new Map(alerts.map(alert => [alert.fingerprint.toLowerCase(), alert]))
      const allowed = [...newest.values()].filter(alert => actor.services === null || actor.services.includes(subjectOf(alert).service))
      const refused = newest.size - allowed.length
      if (refused && !allowed.length) throw new AppError('alertmanager.service_refused', { services: [...newest.values()].map(alert => subjectOf(alert).service).join(', ').slice(0, longestText) })
      const changes = allowed.length ? apply(allowed.map(judgedOf)) : []
      const fired = changes.filter(({ became }) => became === 'firing').length
      const resolved = changes.filter(({ became }) => became === 'over').length
      return { fired, resolved, unchanged: allowed.length - fired - resolved, refused }
    },
  }
}

function judgedOf(alert: SentAlertmanagerAlert): Judged {
  const rule = { id: `alertmanager-${alert.fingerprint.toLowerCase()}`, origin: 'alertmanager' as const, for: 0, keepFiring: 0 }
  if (alert.status === 'resolved') return { rule, findings: [] }
  return { rule, findings: [{ subject: subjectOf(alert), severity: severitiesOf[alert.labels.severity?.toLowerCase() ?? ''] ?? 'warning', onset: new Date(alert.startsAt), reason: reasonOf(alert), runbook: runbookOf(alert) }] }
}

/** `service` and `endpoint` (`POST /api/v1/process`) are what ours are called; all labels are kept beside them. */
export function subjectOf({ labels }: Pick<SentAlertmanagerAlert, 'labels'>): AlertSubject {
  const named = serviceLabels.map(label => labels[label]).find(value => value)
  const service = (named?.split('/').at(-1) || labels.alertname || 'alertmanager').toLowerCase()
  const [, method, template] = /^([A-Z]+) (\/\S*)$/.exec(labels.endpoint ?? '') ?? []
  const consumer = labels.consumer || labels.api_client_id
  return { service, ...(method && { method, routeKey: routeKeyOf(template!) }), ...(consumer && { consumer }), labels }
}

function reasonOf({ labels, annotations }: SentAlertmanagerAlert): Sentence {
  const said = (annotations.summary || annotations.description || annotations.message || '').replaceAll(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, longestText)
  const name = labels.alertname || '–'
  return said ? { code: 'alerting.alertmanager.said', params: { name, said } } : { code: 'alerting.alertmanager.fires', params: { name } }
}

/** As Prometheus' own rules name it; what is no address of a web page is none, and no reason to refuse the alert. */
function runbookOf({ annotations }: SentAlertmanagerAlert): string | undefined {
  const link = annotations.runbook_url?.trim()
  return link && isPlainLink(link, ['https:', 'http:']) ? link : undefined
}
