import { packTrend } from '#shared/chart/packed-trend'
import type { SentTrend } from '#shared/schemas/red'
import type { StatusBoard } from '#shared/schemas/status'

export interface PackedTrend { requests: string, errors: string, p95: string }

/** A page carries its data twice, as markup and as payload: courses are cut to what can be drawn. */
export function packTrends({ requests, failed, p95 }: SentTrend): PackedTrend {
  // An error course never scales below 1 %, so that noise is no outage.
  const ratios = requests.map((count, i) => (count ? (failed[i] ?? 0) / count : null))
  return { requests: packTrend(requests), errors: packTrend(ratios, 0.01), p95: packTrend(p95) }
}

export function packBoard(board: StatusBoard) {
  return { ...board, services: board.services.map(({ trend, ...service }) => ({ ...service, trend: packTrends(trend) })) }
}

export type PackedBoard = ReturnType<typeof packBoard>
export type PackedService = PackedBoard['services'][number]
