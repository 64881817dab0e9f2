import { Readable } from 'node:stream'
import { stream } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { auditCsvHead, auditCsvRow } from '#shared/access/audit-csv'
import { auditFilter } from '#shared/schemas/access'
import { catalogues } from '#shared/text/catalogues'
import { createText } from '#shared/text/text'

/** The rows a filter keeps, for a spreadsheet. */
export default defineApiHandler({
  permission: 'audit:read',
  query: auditFilter,
  handle: ({ query, request, services }) => {
    const text = createText(catalogues[request.language], request)
    async function* lines() {
      yield auditCsvHead
      for await (const entry of services.access.audit.entries(query, request.zone)) yield auditCsvRow(text, entry)
    }
    return stream(Readable.from(lines()), 'text/csv; charset=utf-8', { 'content-disposition': 'attachment; filename="audit.csv"' })
  },
})
