import type { DurationsQuery, MetricSource } from '#server/telemetry/ports'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { IncidentPicture } from '#shared/schemas/full-incident'
import type { SpanKind } from '#shared/trace/span'
import { MINUTE, type Micros, type TimeWindow } from '#shared/units'
import { stepOf } from './impact'

const mostOrigins = 12
/** What the picture shows of the time before and after. */
const around = 10 * MINUTE

/** The picture of the kind of fault, from all requests; null where the source cannot draw it. */
export async function readPicture(metrics: MetricSource, diagnosis: SentDiagnosis, now: Date): Promise<IncidentPicture | null> {
  switch (diagnosis.culprit?.type) {
    case undefined:
    case 'missing_telemetry': return null
    case 'call_rate':
    case 'n_plus_one':
    case 'retry_storm': return readCalls(metrics, diagnosis, now)
    case 'error_origin': return readOrigins(metrics, diagnosis)
    default: return readDurations(metrics, diagnosis)
  }
}

async function readDurations(metrics: MetricSource, { culprit, incident, baseline, title }: SentDiagnosis): Promise<IncidentPicture | null> {
  const { service, operation, remote } = culprit!
  // A slow callee is measured where it answers, a slow call where it is made.
  const kinds: SpanKind[] = remote ? ['client'] : ['server', 'internal', 'consumer']
  for (const kind of kinds) {
    const where: DurationsQuery['where'] = { service, operation, kind, ...(remote && { remote }) }
    const [usual, now] = await Promise.all([windowOf(baseline), windowOf(incident)].map(window => metrics.durations({ window, where })))
    if (now!.data.length) return { kind: 'durations', subject: remote ? `${service} → ${remote}` : `${service} ${operation}`, usual: usual!.data, now: now!.data, limit: limitIn(title.params) }
  }
  return null
}

/** How often the caller worked, and how often it called. */
async function readCalls(metrics: MetricSource, { culprit, evidence, incident, baseline }: SentDiagnosis, now: Date): Promise<IncidentPicture | null> {
  const { service, operation, remote } = culprit!
  const said = evidence.find(({ code }) => code === 'diagnosis.evidence.per_parent')?.params?.operation
  const parent = typeof said === 'string' ? said : operation
  const from = Math.max(baseline.from / 1_000, incident.from / 1_000 - around)
  const wanted = { from: new Date(from), to: now }
  const step = stepOf(wanted)
  const window = { from: new Date(Math.floor(from / step) * step), to: now }
  const { data } = await metrics.operations({ window, groupBy: ['operation', 'kind', 'remote'], where: { service }, step })
  const steps = Math.ceil((now.getTime() - window.from.getTime()) / step)
  const rates = (of: (row: (typeof data)[number]) => boolean) => {
    const sums: (number | null)[] = Array.from({ length: steps }, () => null)
    for (const row of data) {
      const i = Math.floor((row.at!.getTime() - window.from.getTime()) / step)
      if (i >= 0 && i < steps && of(row)) sums[i] = (sums[i] ?? 0) + row.requests / (step / 1_000)
    }
    return sums
  }
  const isCall = (row: (typeof data)[number]) => remote !== null && row.remote?.toLowerCase() === remote.toLowerCase() && (row.kind === 'client' || row.kind === 'producer')
  const parents = rates(row => row.operation?.toLowerCase() === parent.toLowerCase() && row.kind !== 'client')
  const calls = rates(isCall)
  if (!calls.some(rate => rate !== null)) return null
  return { kind: 'calls', parent, call: `${service} → ${remote}`, from: window.from.toISOString(), step, parents, calls }
}

/** Where failing spans are, the guilty service first: what lies above it only hands the failure on. */
async function readOrigins(metrics: MetricSource, { culprit, incident, affected }: SentDiagnosis): Promise<IncidentPicture | null> {
  if (!metrics.capabilities.errors) return null
  const services = [...new Set([culprit!.service, ...affected.map(({ service }) => service)])].slice(0, 4)
  const answers = await Promise.all(services.map(async service => ({ service, ...await metrics.errors({ window: windowOf(incident), service, limit: mostOrigins }) })))
  const rows = answers.flatMap(({ service, data }) => data.map(({ operation, errorType, message, count }) => ({
    service, operation, error: errorType || message, count, guilty: service === culprit!.service && operation === culprit!.operation,
  }))).sort((a, b) => Number(b.guilty) - Number(a.guilty) || b.count - a.count).slice(0, mostOrigins)
  return rows.length ? { kind: 'origins', rows } : null
}

function windowOf({ from, to }: { from: Micros, to: Micros }): TimeWindow {
  return { from: new Date(from / 1_000), to: new Date(to / 1_000) }
}

function limitIn(params: SentDiagnosis['title']['params']): Micros | null {
  const limit = params?.limit
  return typeof limit === 'object' && limit !== null && 'micros' in limit ? limit.micros : null
}
