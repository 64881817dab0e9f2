import { z } from 'zod'
import type { AppError } from '#shared/errors'
import { sourceTrouble } from '../upstream/upstream'

const cause = z.object({ type: z.string().default(''), reason: z.string().nullish() })

const said = z.object({
  status: z.int(),
  error: z.union([
    z.string().transform(type => ({ type, reason: '', causes: [] as string[] })),
    cause.extend({ root_cause: z.array(cause).default([]) })
      .transform(({ type, reason, root_cause }) => ({ type, reason: root_cause[0]?.reason ?? reason ?? '', causes: root_cause.map(({ type }) => type) })),
  ]),
})
export type Refusal = z.infer<typeof said>

const opening = /^(?:index_not_found|illegal_index_shard_state|no_shard_available_action)_exception$/

/**
 * The index has a name but no shard that answers: for a moment after the first line of a day, for seconds after a start.
 * Asked for its fields the cluster then says 404, asked for lines 503. OpenSearch says that all shards failed, and names none.
 */
function isOpening({ status, error }: Refusal): boolean {
  if (status === 503 && error.type === 'search_phase_execution_exception' && error.causes.length === 0) return true
  return [error.type, ...error.causes].some(type => opening.test(type))
}

/** What Elasticsearch 8.4 and 8.5 say of the fields of a name or an alias with a closed index behind it; 8.18 passes it over, as all do in a pattern. */
export function isOfClosed({ status, error }: Refusal): boolean {
  return status === 403 && error.type === 'cluster_block_exception' && error.reason.includes('index closed')
}

/** Statuses that the cluster explains; every other 503 is that of one that can take no more, every other 403 that of an account that may not. */
export const explained = [400, 403, 404, 503]
export const refusal = said.refine(refused => (refused.status !== 503 || isOpening(refused)) && (refused.status !== 403 || isOfClosed(refused)))

/** A refusal as the trouble of every source is told. */
export function toTrouble(refused: Refusal): AppError {
  const reason = isOpening(refused) ? 'opening' : refused.status === 404 ? 'not_found' : 'rejected'
  return sourceTrouble('elasticsearch', reason, { status: refused.status }, new Error(`${refused.error.type}: ${refused.error.reason}`))
}
