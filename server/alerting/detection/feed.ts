import type { MetricSource, OperationsRow } from '#server/telemetry/ports'
import { DAY, HOUR, MINUTE, type Millis, type TimeWindow } from '#shared/units'
import { baseline, memory as kept, STEP } from './parameters'
import type { Memory, Series } from './series'
import { median } from './statistics'

const calls = { groupBy: ['service', 'operation', 'remote'], where: { kind: 'client' } } as const
const sends = { groupBy: ['service', 'operation', 'remote'], where: { kind: 'producer' } } as const
const routes = { groupBy: ['service', 'method', 'routeKey'] } as const

/** What is recalled at a time. */
const piece: Millis = 2 * HOUR

type Level = 'fine' | 'minutes' | 'tens'
const widths: Record<Level, Millis> = { fine: STEP, minutes: MINUTE, tens: 10 * MINUTE }

/**
 * Brings the series into memory: three grouped questions a tick (six once a minute), whatever the number of series. What lies before the
 * start is read once, in pieces small enough to let others through: minutes first, because they are what is usual.
 */
export function createFeed({ metrics, memory }: { metrics: MetricSource, memory: Memory }) {
  let fedTo: number | undefined
  let recalledFrom: number | undefined
  let weeks: { hour: number, usual: Map<string, { mean: number, typical: number }> } | undefined

  async function read(window: TimeWindow, level: Level) {
    const step = widths[level]
    // Each as it comes: together they would hold others up.
    await Promise.all([
      metrics.requests({ window, step, groupBy: [...routes.groupBy] }).then(({ data }) => memory.addRequests(data, level)),
      metrics.operations({ window, step, groupBy: [...calls.groupBy], where: calls.where }).then(({ data }) => memory.addOperations('call', data, level)),
      metrics.operations({ window, step, groupBy: [...sends.groupBy], where: sends.where }).then(({ data }) => memory.addOperations('send', data, level)),
    ])
  }

  /** Piece by piece, oldest first. */
  async function readInPieces(from: number, to: number, level: Level, length: Millis) {
    for (let at = from; at < to; at += length) await read({ from: new Date(at), to: new Date(Math.min(to, at + length)) }, level)
  }

  return {
    /** Up to `at`, a multiple of a step. What was not read because nobody could be asked is made good. */
    async tick(at: Date): Promise<void> {
      const to = at.getTime()
      // A clock that went back leaves nothing that can be gone on from.
      const isBack = fedTo !== undefined && fedTo > to
      if (isBack) for (const series of memory.all) series.forgetFrom(to)
      const gap = fedTo === undefined || isBack ? Infinity : to - fedTo
      if (gap > kept.fine - kept.amended) await readInPieces(Math.floor((to - kept.minutes) / MINUTE) * MINUTE, Math.floor(to / MINUTE) * MINUTE, 'minutes', 10 * MINUTE)
      const length = Math.min(kept.fine, gap - STEP + (to % MINUTE === 0 ? kept.amended : kept.reread))
      await readInPieces(to - length, to, 'fine', kept.reread)
      for (const series of memory.all) series.roll(to - Math.min(length, kept.fine / 2), to)
      fedTo = to
    },

    /** The days before, for burn rates and drift: two hours at a time, the newest first. True while there is more. */
    async recall(at: Date): Promise<boolean> {
      const end = Math.floor(at.getTime() / HOUR) * HOUR
      recalledFrom ??= end
      if (recalledFrom <= end - kept.tens) return false
      await read({ from: new Date(recalledFrom - piece), to: new Date(recalledFrom) }, 'tens')
      recalledFrom -= piece
      return true
    },

    /** The same hour of the weeks before, once an hour. */
    async recallWeeks(at: Date): Promise<void> {
      const hour = Math.floor(at.getTime() / HOUR)
      if (weeks?.hour === hour) return
      const windows = Array.from({ length: baseline.weeks }, (_, i) => ({ from: new Date(hour * HOUR - (i + 1) * 7 * DAY), to: new Date((hour + 1) * HOUR - (i + 1) * 7 * DAY) }))
      const answers = await Promise.all(windows.map(async window => [
        ...(await metrics.requests({ window, groupBy: [...routes.groupBy] })).data.map(row => ({ ...row, id: weekId(row) })),
        ...(await metrics.operations({ window, groupBy: [...calls.groupBy], where: calls.where })).data.map(row => ({ ...row, id: weekId(row) })),
      ]))
      const rows = Map.groupBy(answers.flat(), ({ id }) => id)
      weeks = {
        hour,
        usual: new Map([...rows].filter(([, each]) => each.length >= baseline.leastWeeks).map(([id, each]) => [id, {
          mean: median(each.map(({ duration, requests }) => duration / requests))!, typical: median(each.map(({ p50 = 0 }) => p50))!,
        }])),
      }
    },

    weekly: (series: Series) => weeks?.usual.get(weekId(series.subject)),
  }
}

function weekId({ service, operation, remote, method, routeKey }: Partial<OperationsRow> & { method?: string, routeKey?: string }): string {
  return JSON.stringify([service, operation, remote || undefined, method, routeKey])
}
