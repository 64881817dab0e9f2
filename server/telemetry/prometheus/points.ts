import type { MetricSeries, MetricSource } from '../ports'
import type { PrometheusApi } from './api'
import type { Findings } from './findings'
import { isJob } from './labels'
import { anyOf, duration, fits, isAnyCase, isName, selector, type Matcher } from './promql'

const mostNames = 2_000
const mostSeries = 50
/** Of the pipeline, not of the service. */
const ofPipeline = /^(?:target_info|scrape_.*|up|otel_scope_info|.*_target_info)$/
const dropped = ['instance', 'exported_instance', 'collector_instance_id', 'otel_scope_name', 'otel_scope_version', 'otel_scope_schema_url']

interface Context {
  api: PrometheusApi
  only: readonly Matcher[]
  found: Findings
}

type Kind = 'gauge' | 'sum' | 'histogram'

/** What a service measures of itself, histograms by the name that their parts have in common. */
export async function readMetricNames({ api, only, found }: Context, service: string, at: Date, signal?: AbortSignal): ReturnType<MetricSource['metricNames']> {
  const names = await api.labelValues('__name__', {
    match: labelsOfServices(found).map(label => anyOf([fits('__name__', '.+'), ...only, ofService(label, service)])), from: new Date(at.getTime() - 3_600_000), to: at, limit: mostNames,
  }, { signal })
  const all = new Set(names)
  const bases = new Set(names.filter(name => !ofPipeline.test(name)).map(name => (kindOf(name, all) === 'histogram' ? name.replace(/_(?:bucket|sum|count)$/, '') : name)))
  return [...bases].sort().map(name => ({ name, unit: unitOf(name), kind: kindOf(name, all) }))
}

/** Rates of counters, means of histograms, and levels; processes of one service together. */
export async function readPoints({ api, only, found }: Context, { window, service, metric, step }: Parameters<MetricSource['points']>[0], signal?: AbortSignal): Promise<MetricSeries[]> {
  if (!isName(metric)) return []
  const range = duration(Math.max(step, 4 * (found.resolution ?? step)))
  const label = labelsOfServices(found)[0]!
  const of = (name: string) => selector(name, [...only, ofService(label, service)])
  const names = new Set(await api.labelValues('__name__', { match: [anyOf([fits('__name__', `${metric.replaceAll('.', '\\.')}(_bucket|_sum|_count)?`), ...only])], ...window, limit: 10 }, { signal }))
  const kind = kindOf(metric, names)
  const without = `without (${dropped.join(',')})`
  const query = kind === 'gauge'
    ? `avg ${without} (avg_over_time(${of(metric)}[${duration(step)}]))`
    : kind === 'sum'
      ? `sum ${without} (rate(${of(metric)}[${range}]))`
      : `sum ${without} (rate(${of(`${metric}_sum`)}[${range}])) / (sum ${without} (rate(${of(`${metric}_count`)}[${range}])) > 0)`
  const { series } = await api.range(query, { from: new Date(window.from.getTime() + step), to: window.to, step }, { signal })
  const unit = unitOf(metric)
  return series.slice(0, mostSeries).map(({ labels, points }) => ({
    attributes: Object.fromEntries(Object.entries(labels).filter(([name]) => !isJob(name) && name !== '__name__' && name !== label)),
    unit: kind === 'sum' ? `${unit}/s` : unit,
    points: points.flatMap(({ at, value }) => (value === undefined || !Number.isFinite(value) ? [] : [{ at: new Date(at * 1000 - step), value }])),
  })).filter(({ points }) => points.length > 0)
}

function labelsOfServices({ requests, clients, spans }: Findings): string[] {
  const labels = new Set([requests, clients, spans].flatMap(measure => measure?.counters[0]?.labels.service ?? []))
  return [...new Set(['job', ...labels])]
}

function ofService(label: string, service: string): Matcher {
  return isAnyCase(label, service, isJob(label) ? '(.*/)?' : '')
}

function kindOf(name: string, all: ReadonlySet<string>): Kind {
  const base = name.replace(/_(?:bucket|sum|count)$/, '')
  if (all.has(`${base}_sum`) && all.has(`${base}_count`)) return 'histogram'
  return name.endsWith('_total') ? 'sum' : 'gauge'
}

const units: [suffix: RegExp, unit: string][] = [[/_seconds$/, 's'], [/_milliseconds$/, 'ms'], [/_bytes$/, 'By'], [/_ratio$/, '1']]
function unitOf(name: string): string {
  const base = name.replace(/_(?:total|bucket|sum|count)$/, '')
  return units.find(([suffix]) => suffix.test(base))?.[1] ?? ''
}
