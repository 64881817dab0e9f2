import type { Red } from '#server/telemetry/ports'
import type { SentLevels, SentRed, SentStanding, SentTrend, SentUsual } from '#shared/schemas/red'
import type { Millis, TimeWindow } from '#shared/units'
import { errorLevel, latencyLevel, onsetOf, type Limits } from '#shared/status/limits'
import type { Standing } from './state-keeper'
import type { Usual } from './usual'

/** What rooms know, as it goes over the wire: small, because it is on every page. */

export function toSentRed(red: Red | undefined): SentRed {
  return {
    requests: round(red?.requests ?? 0),
    failed: round(red?.failed ?? 0),
    clientErrors: round(red?.clientErrors ?? 0),
    mean: red?.requests ? threeDigits(red.duration / red.requests) : null,
    p50: orNull(red?.p50),
    p95: orNull(red?.p95),
    p99: orNull(red?.p99),
  }
}

export function toSentStanding(standing: Standing | undefined): SentStanding {
  if (!standing) return { state: 'unknown', reason: { code: 'monitoring.reason.never' }, since: null }
  const { state, reason, since, few } = standing
  return { state, reason, since: since.toISOString(), ...(few !== undefined && { few }) }
}

export function toSentUsual(usual: Usual | undefined): SentUsual {
  return usual ? { p50: threeDigits(usual.p50), p95: threeDigits(usual.p95) } : null
}

/** Rows by their step, holes where there were none. */
export function toSentTrend(rows: (Red & { at?: Date })[], { from, to }: TimeWindow, step: Millis): SentTrend {
  const steps: (Red | undefined)[] = Array.from({ length: Math.max(1, Math.round((to.getTime() - from.getTime()) / step)) })
  for (const row of rows) {
    const at = Math.floor((row.at!.getTime() - from.getTime()) / step)
    if (at >= 0 && at < steps.length) steps[at] = row
  }
  return {
    requests: steps.map(row => (row ? round(row.requests) : null)),
    failed: steps.map(row => (row ? round(row.failed) : null)),
    p95: steps.map(row => orNull(row?.p95)),
  }
}

export function toSentLevels(red: Pick<Red, 'requests' | 'failed' | 'p95'> | undefined, limits: Limits): SentLevels {
  return { errors: errorLevel(red ?? { failed: 0, requests: 0 }, limits), latency: latencyLevel(red?.p95, limits) }
}

/** The part of a trend that is drawn as trouble. */
export function toSentOnset({ requests, failed, p95 }: SentTrend, limits: Limits): { errors: number | null, latency: number | null } {
  return {
    errors: onsetOf(requests.map((count, i) => (count ? errorLevel({ requests: count, failed: failed[i] ?? 0 }, limits) : null))),
    latency: onsetOf(p95.map(value => (value === null ? null : latencyLevel(value, limits)))),
  }
}

function orNull(micros: number | undefined): number | null {
  return micros === undefined ? null : threeDigits(micros)
}

/** Durations are shown with three digits; more would only be bytes. */
export function threeDigits(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
