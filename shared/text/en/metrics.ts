/** The PromQL explorer. */
export const metrics = {
  title: 'Metrics',
  mode: { label: 'Kind of query', range: 'Range', instant: 'Instant' },
  query: { label: 'PromQL query', placeholder: 'For example: sum by (job) (rate(http_server_request_duration_seconds_count[5m]))', run: 'Run', format: 'Format', edited: 'Edited. Below is what ran last.', notFormatted: 'Only a query without errors can be formatted.' },
  ran: { at: 'ran at {at}', series: { one: '{count} series', other: '{count} series' }, points: { one: '{count} point', other: '{count} points' }, step: 'step {step}', anyStep: 'Let the range choose the step instead of {step}', rule: 'Make it an alert rule' },
  failed: 'The query was not answered. {reason}',
  nothing: 'The query is fine, but no series match it in this time.',
  empty: { title: 'Write a query, or begin with one of these', rate: 'Requests per second, by service', errors: 'Error ratio, by service', p95: 'p95, by route', consumers: 'Busiest consumers' },
  guard: {
    label: 'What the guard changed',
    widened: 'Ran with a step of {to} instead of {from}.',
    why: 'Otherwise {points} points of {series} series would be read, more than the {most} that are allowed.',
    shorter: 'Range {range}', limits: 'Limits',
    allowed: 'At most {points} points a series, {read} points read in all, {series} series shown, {days} days, {seconds} s.',
  },
  chart: { label: 'Result over time', table: 'Result', count: 'The series are native histograms: their counts are shown. Use histogram_quantile for durations.', only: 'Show only {name}', all: 'Show all', source: 'from {source}' },
  column: { series: 'Series', value: 'Value', min: 'Lowest', max: 'Highest', last: 'Latest' },
  foot: { shown: '{shown} of {count} series, the largest first', pick: 'Press a row to see it alone', csv: 'CSV' },
  saved: {
    button: 'Saved queries', none: 'Nothing saved yet.', own: 'Mine', others: 'Shared by others', by: 'by {owner}',
    save: 'Save this query', name: 'Name', share: 'Everyone who may query can use it', shared: 'shared', remove: 'Delete {name}', toShare: 'Share {name}', unshare: 'Keep {name} to myself', needsQuery: 'Run a query first, then save it.',
  },
  cannot: {
    title: 'PromQL needs a connected Prometheus',
    text: 'Metrics come from the embedded store, which counts requests itself and knows no query language. Set NUXT_PROMETHEUS_URL to query Prometheus, Thanos, Mimir or VictoriaMetrics from here.',
    builtIn: 'What is counted here', board: 'Status board', endpoints: 'Endpoints', service: 'Service', noFigures: 'No requests were counted in this time.',
  },
}
