import { describe, expect, it } from 'vitest'
import { readLabels, serviceOf, targetOf } from '#server/telemetry/prometheus/labels'
import { toMeasures } from '#server/telemetry/prometheus/measures'
import { namePattern, readName } from '#server/telemetry/prometheus/names'

describe('a metric is known by its name', () => {
  it.each([
    ['openapi_traces_span_metrics_calls_total', 'spans', 'total', undefined],
    ['traces_span_metrics_calls', 'spans', 'total', undefined],
    ['openapi_traces_span_metrics_duration_seconds_bucket', 'spans', 'bucket', 1e6],
    ['traces_span_metrics_duration_milliseconds_count', 'spans', 'count', 1e3],
    ['traces_span_metrics_duration_seconds', 'spans', 'native', 1e6],
    ['traces_spanmetrics_latency_bucket', 'spans', 'bucket', 1e6],
    ['traces_spanmetrics_calls_total', 'spans', 'total', undefined],
    ['calls_total', 'spans', 'total', undefined],
    ['openapi_duration_milliseconds_sum', 'spans', 'sum', 1e3],
    ['latency_bucket', 'spans', 'bucket', undefined],
    ['openapi_http_server_request_duration_seconds_bucket', 'http-server', 'bucket', 1e6],
    ['http_server_request_duration_seconds', 'http-server', 'native', 1e6],
    ['http_server_request_duration_sum', 'http-server', 'sum', 1e6],
    ['http_server_duration_milliseconds_bucket', 'http-server', 'bucket', 1e3],
    ['http.server.request.duration_seconds_bucket', 'http-server', 'bucket', 1e6],
    ['http_client_request_duration_seconds_count', 'http-client', 'count', 1e6],
    ['http_client_duration_milliseconds_count', 'http-client', 'count', 1e3],
    ['traces_service_graph_request_total', 'graph', 'total', undefined],
    ['traces_service_graph_request_failed_total', 'graph', 'failed', undefined],
    ['traces_service_graph_request_client_seconds_bucket', 'graph', 'bucket', 1e6],
    ['openapi_target_info', 'target-info', 'info', undefined],
  ])('%s', (name, role, part, unit) => {
    expect(readName(name)).toMatchObject({ name, role, part, ...(unit !== undefined && { unit }) })
    expect(readName(name)!.unit).toBe(unit)
    expect(new RegExp(`^(?:${namePattern})$`).test(name)).toBe(true)
  })

  it.each(['up', 'http_server_active_requests', 'process_start_time_seconds', 'x{y}', 'http_server_request_body_size_bytes_bucket'])('%s is none of ours', (name) => {
    expect(readName(name)).toBeUndefined()
  })
})

const described = (labels: Record<string, string[]>, names: string[], lastBounds: Record<string, number> = {}) =>
  toMeasures({ names, labels: new Map(Object.entries(labels)), lastBounds: new Map(Object.entries(lastBounds)), consumers: ['api.client.id'] })

describe('what can be measured', () => {
  const spanLabels = ['service_name', 'span_name', 'span_kind', 'status_code', 'http_route', 'http_request_method', 'http_response_status_code', 'api_client_id', 'job', 'instance']

  it('takes the better told one of span metrics and HTTP servers', () => {
    const names = ['openapi_traces_span_metrics_calls_total', 'openapi_traces_span_metrics_duration_seconds_bucket', 'openapi_traces_span_metrics_duration_seconds_sum', 'openapi_http_server_request_duration_seconds_bucket', 'openapi_http_server_request_duration_seconds_count']
    const http = ['http_route', 'http_request_method', 'http_response_status_code', 'job', 'instance']
    expect(described({ [names[0]!]: spanLabels, [names[4]!]: http }, names)[0]!.role).toBe('spans')
    expect(described({ [names[0]!]: ['service_name', 'span_name', 'span_kind', 'status_code'], [names[4]!]: http }, names)[0]!.role).toBe('http-server')
  })

  it('does not take a duration without calls, or calls without kinds of spans, for span metrics', () => {
    expect(described({ jvm_gc_duration_seconds_count: ['job'], phone_calls_total: ['job'] }, ['jvm_gc_duration_seconds_bucket', 'jvm_gc_duration_seconds_count', 'phone_calls_total'])).toEqual([])
  })

  it('believes the names of today before those of before, and native histograms before classic ones', () => {
    const names = ['http_server_duration_milliseconds_bucket', 'http_server_duration_milliseconds_count', 'http_server_duration_milliseconds_sum', 'http_server_request_duration_seconds', 'http_server_request_duration_seconds_bucket', 'http_server_request_duration_seconds_count', 'http_server_request_duration_seconds_sum']
    const [measure, ...rest] = described({ [names[1]!]: ['http_method', 'http_status_code', 'http_route'], [names[5]!]: ['http_request_method', 'http_response_status_code', 'http_route'] }, names, { [names[4]!]: 10, [names[0]!]: 7_500 })
    expect(rest).toEqual([])
    expect(measure!.counters.map(({ name, native }) => [name, native])).toEqual([[names[3], true], [names[5], false], [names[1], false]])
    expect(measure!.histograms.map(({ native, bucket, unit, lastBound, labels }) => [native ?? bucket, unit, lastBound, labels.status])).toEqual([
      [names[3], 1e6, undefined, ['http_response_status_code']], [names[4], 1e6, 10e6, ['http_response_status_code']], [names[0], 1e3, 7.5e6, ['http_status_code']],
    ])
  })
})

describe('labels', () => {
  it('are read in either spelling, newer conventions first', () => {
    expect(readLabels(['http.request.method', 'http_method', 'service.name', 'api.client.id'], ['api.client.id'])).toMatchObject({ method: ['http.request.method', 'http_method'], service: 'service.name', consumer: ['api.client.id'], route: [] })
  })

  it.each([
    [['job', 'instance'], 'job', ['job', 'instance']],
    [['service_name', 'job'], 'service_name', ['job', 'instance']],
    [['exported_job', 'exported_instance', 'job'], 'exported_job', ['exported_job', 'exported_instance']],
    [['service', 'span_kind'], 'service', ['job', 'instance']],
    [['service', 'job'], 'job', ['job', 'instance']],
  ])('%j name a service by %s', (held, service, target) => {
    expect(readLabels(held, []).service).toBe(service)
    expect(targetOf(held)).toEqual(target)
  })

  it.each([['job', 'shop/API-Gateway', 'api-gateway'], ['job', 'Orders', 'orders'], ['service_name', 'a/B', 'a/b'], ['exported_job', 'x/y/Z', 'z']])('%s %s is service %s', (label, value, service) => {
    expect(serviceOf(label, value)).toBe(service)
  })
})
