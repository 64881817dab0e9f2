import type { Answer, MetricSource, OperationsQuery, OperationsRow } from '#server/telemetry/ports'
import type { Dependency } from '#shared/schemas/service-analysis'
import { urgency } from '#shared/status/state'
import type { TimeWindow } from '#shared/units'
import { orNothing } from './forgiving-metrics'
import { toSentLevels, toSentRed, toSentUsual } from './sent'
import { judge, limitsOf, longWindow, shortWindow } from './state-rules'
import { noUsual, type UsualFigures } from './usual'

/**
 * Whom a service calls and who calls it, both measured on the caller's side: what a callee does not send, and what is
 * lost on the way, is in these figures too.
 */
export function createDependencies({ metrics, usual, colourOf, isSilent }: {
  metrics: MetricSource
  usual: UsualFigures
  colourOf: (service: string) => number | null
  isSilent: (service: string) => boolean
}) {
  type Side = 'callers' | 'callees'
  const question = (side: Side, service: string): Pick<OperationsQuery, 'groupBy' | 'where'> => side === 'callees'
    ? { groupBy: ['remote', 'kind'], where: { service } }
    : { groupBy: ['service', 'kind'], where: { remote: service } }
  const nameOf = (side: Side) => (row: OperationsRow) => (side === 'callees' ? row.remote! : row.service!)

  return async function read(side: Side, service: string, window: TimeWindow, now: Date): Promise<Dependency[]> {
    const asked = question(side, service)
    const until = (length: number) => ({ from: new Date(now.getTime() - length), to: now })
    const [over, short, long, normal] = await Promise.all([
      metrics.operations({ window, ...asked }),
      metrics.operations({ window: until(shortWindow), ...asked }),
      metrics.operations({ window: until(longWindow), ...asked }),
      orNothing(usual.calls(asked, window, nameOf(side)), noUsual),
    ])
    const recent = [short, long].map(answer => byName(answer, nameOf(side)))
    return [...byName(over, nameOf(side))].filter(([name]) => name).map(([name, row]): Dependency => ({
      name,
      kind: side === 'callers' ? 'service' : row.remoteKind ?? 'address',
      colour: side === 'callers' || row.remoteKind === 'service' ? colourOf(name) : null,
      state: judge(recent[0]!.get(name), recent[1]!.get(name), limitsOf(undefined)).state,
      ...toSentRed(row),
      usual: toSentUsual(normal.get(name)),
      levels: toSentLevels(row, limitsOf(undefined)),
      silent: side === 'callees' && row.remoteKind === 'service' && isSilent(name),
    })).sort((a, b) => urgency[a.state] - urgency[b.state] || b.requests - a.requests)
  }
}

function isCall({ kind }: OperationsRow): boolean {
  return kind === 'client' || kind === 'producer'
}

/** Calls and messages to the same name are one line; the larger of both lends its quantiles. */
function byName(answer: Answer<OperationsRow[]>, nameOf: (row: OperationsRow) => string): Map<string, OperationsRow> {
  const rows = new Map<string, OperationsRow>()
  for (const row of answer.data.filter(isCall).sort((a, b) => b.requests - a.requests)) {
    const held = rows.get(nameOf(row))
    rows.set(nameOf(row), held
      ? {
          ...held, spans: held.spans + row.spans, requests: held.requests + row.requests, failed: held.failed + row.failed,
          clientErrors: held.clientErrors + row.clientErrors, duration: held.duration + row.duration,
        }
      : row)
  }
  return rows
}
