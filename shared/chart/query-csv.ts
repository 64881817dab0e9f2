import { csvMark, csvRow } from '../csv'
import type { MetricsAnswer } from '../schemas/metrics'
import { nameOf, tellingLabels } from './query-chart'

/** A course as one column a series, an instant as one row a series. */
export function* queryCsv({ mode, series, start, step }: MetricsAnswer): Generator<string> {
  const telling = tellingLabels(series)
  yield csvMark
  if (mode === 'instant') {
    yield csvRow([...telling, 'value'])
    for (const { labels, values, text } of series) yield csvRow([...telling.map(name => labels[name] ?? ''), text ?? values[0]])
    return
  }
  yield csvRow(['time', ...series.map(each => nameOf(each, telling))])
  const steps = series[0]?.values.length ?? 0
  for (let i = 0; i < steps; i++) yield csvRow([new Date(Date.parse(start) + i * step!).toISOString(), ...series.map(({ values }) => values[i])])
}
