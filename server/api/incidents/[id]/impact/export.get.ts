import { binary } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { incidentParams } from '#shared/schemas/incident'

/** Who was hurt where and when, for a spreadsheet. The room asks for incidents:read as well. */
export default defineApiHandler({
  permission: 'traces:read',
  params: incidentParams,
  handle: ({ actor, params, request, services }) => {
    const { number, csv } = services.incidents.impactCsv(actor, params.id, request)
    return binary(Buffer.from(csv), 'text/csv; charset=utf-8', { 'content-disposition': `attachment; filename="INC-${number}-impact.csv"` })
  },
})
