import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { Sentence, TextParam } from '#shared/text/text'
import type { AlertRow } from './incident-rows'
import type { KnownEndpoint } from './room'
import { routeIdOf, type Route } from './subject'

/** The one sentence of an incident: what is disturbed, and why as far as it is known. */
export function titleOf({ alerts, routes, endpoints, diagnosis }: {
  alerts: readonly Pick<AlertRow, 'subject' | 'severity' | 'startedAt' | 'reason'>[]
  routes: readonly Route[]
  /** Those that are live. */
  endpoints: readonly KnownEndpoint[]
  diagnosis: SentDiagnosis | null
}): Sentence {
  const named = diagnosis?.culprit ? diagnosis : undefined
  const what = whatOf(subjectText({ alerts, routes, endpoints }), named?.symptom)
  const why = named ? named.title : alerts[0]!.reason
  return { code: 'incidents.title', params: { what, why: { text: why.code, ...(why.params && { params: why.params }) } } }
}

function whatOf(subject: TextParam, symptom: SentDiagnosis['symptom'] | undefined): TextParam {
  if (symptom === 'latency') return { text: 'incidents.what.slow', params: { subject } }
  if (symptom === 'errors') return { text: 'incidents.what.failing', params: { subject } }
  return { text: 'incidents.what.plain', params: { subject } }
}

function subjectText({ alerts, routes, endpoints }: Pick<Parameters<typeof titleOf>[0], 'alerts' | 'routes' | 'endpoints'>): TextParam {
  const live = new Map(endpoints.map(endpoint => [routeIdOf(endpoint), endpoint]))
  const registered = routes.filter(route => live.has(routeIdOf(route)))
  if (live.size >= 3 && registered.length === live.size) return { text: 'incidents.subject.all' }
  if (registered.length >= 3 && registered.length * 2 > live.size) return { text: 'incidents.subject.most', params: { count: registered.length, all: live.size } }
  const shown = registered.length ? registered : routes
  const first = shown[0]
  if (!first) {
    const { service, remote, operation } = alerts[0]!.subject
    return remote ? `${service} → ${remote}` : operation ? `${service} ${operation}` : service
  }
  const name = [first.method, live.get(routeIdOf(first))?.template ?? first.routeKey].filter(Boolean).join(' ')
  return shown.length === 1 ? name : { text: 'incidents.subject.more', params: { name, count: shown.length - 1 } }
}
