import { Readable } from 'node:stream'
import { stream } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { queryCsv } from '#shared/chart/query-csv'
import { metricsAnswer, runQuery } from '#shared/schemas/metrics'

/** What a query answers, for a spreadsheet. */
export default defineApiHandler({
  permission: 'metrics:query',
  query: runQuery,
  patience: 30_000,
  handle: async ({ query, services, signal }) => {
    const answer = metricsAnswer.parse(await services.monitoring.explorer.run(query, signal))
    return stream(Readable.from(queryCsv(answer)), 'text/csv; charset=utf-8', { 'content-disposition': 'attachment; filename="metrics.csv"' })
  },
})
