import type { Database } from 'better-sqlite3'
import { mostAhead } from '../ingest/rejections'
import type { Retention } from '../snapshot'

const day = 86_400_000
/** Rows of one step: some milliseconds of writing, so that nobody waits long. */
const stepRows = 500
const stepTraces = 200
/** Among so many that came first, those that are too old are looked for: some of them may still grow. */
const oldest = 5_000
/** Digests of batches are of use while a sender may still send again. */
const batchesKept = 3_600_000
const intakeKept = 31 * day

/** What a step did. `named` tells that rows went whose numbers are held in memory. */
export interface RetentionStep {
  more: boolean
  removed: { traces: boolean, named: boolean }
}

interface OldTrace {
  id: number
  startedAt: number
  endedAt: number
  services: string
}

/** Takes away what is too old, or the oldest where there is too much, a little at a time. */
export function createRetention(db: Database) {
  const prepare = (sql: string) => db.prepare(sql)
  const traceFields = 'id, started_at as startedAt, ended_at as endedAt, services'
  const oldTraces = prepare(`select id, startedAt, endedAt, services from (select ${traceFields}, arrived_at from traces order by id limit ${oldest}) where arrived_at < ? limit ?`)
  const oldestTraces = prepare(`select ${traceFields} from traces order by id limit ?`)
  const deleteSegments = prepare('delete from segments where trace = ?')
  const deletePart = prepare('delete from trace_services where service_id = ? and started_at >= ? and started_at <= ? and trace = ?')
  const deleteTrace = prepare('delete from traces where id = ?')
  const oldLogs = prepare('select id from logs where id < ? order by id limit ?').safeIntegers()
  const oldestLogs = prepare('select id from logs order by id limit ?').safeIntegers()
  const deleteLog = ['delete from logs_text where rowid = ?', 'delete from logs where id = ?'].map(prepare)
  const services = prepare('select id from services')
  const cells = (['request_cells', 'operation_cells'] as const).map(table => prepare(`delete from ${table} where level = ? and service_id = ? and bucket < ?`))
  const series = prepare('select id from metric_series')
  const deletePoints = prepare('delete from metric_points where series_id = ? and at < ?')
  const deleteErrors = prepare('delete from error_counts where bucket < ?')
  const deleteBatches = prepare('delete from batches where arrived_at < ?')
  const deleteIntake = prepare('delete from intake where hour < ?')
  // What only instances long gone brought; the quotas are for those that live.
  const forgotten = [
    'delete from metric_series where id not in (select series_id from metric_points)',
    'delete from metrics where id not in (select metric_id from metric_series)',
    'delete from error_groups where last_seen < @before and id not in (select group_id from error_counts)',
    'delete from service_instances where last_seen < @before',
  ].map(prepare)
  // The newest stays: SQLite would give its number to the next one, and readers know by it who it was.
  const deleteResources = prepare('delete from resources where last_seen < ? and id < (select max(id) from resources) and id not in (select resource_id from metric_series)')
  const note = prepare('insert into removals (what, rows, last_at) values (?, ?, ?) on conflict do update set rows = rows + excluded.rows, last_at = excluded.last_at')
  let hourlyAt = 0

  function removeTraces(traces: OldTrace[], now: number) {
    for (const { id, startedAt, endedAt, services } of traces) {
      deleteSegments.run(id)
      for (const service of services.split(',').filter(Boolean)) deletePart.run(Number(service), startedAt, endedAt, id)
      deleteTrace.run(id)
    }
    if (traces.length > 0) note.run('traces', traces.length, now)
  }

  function removeLogs(ids: bigint[], now: number) {
    for (const id of ids) for (const statement of deleteLog) statement.run(id)
    if (ids.length > 0) note.run('logs', ids.length, now)
  }

  /** Time of the oldest line, ms: what sent nothing since before that has no lines any more, whatever the order they came in. */
  function firstLine(): number {
    const [first] = oldestLogs.all(1) as { id: bigint }[]
    return first === undefined ? Infinity : Number(first.id / 1_000_000n)
  }

  /** What has few rows goes by the hour. */
  function hourly(now: number, retention: Retention): boolean {
    if (now - hourlyAt < 3_600_000) return false
    hourlyAt = now
    const limits = [[10, retention.rollup10sDays], [60, retention.rollup1mDays], [600, retention.rollup10mDays]] as const
    let removedCells = 0
    for (const { id } of services.all() as { id: number }[]) {
      for (const statement of cells) for (const [level, days] of limits) removedCells += statement.run(level, id, Math.floor((now - days * day) / 1000)).changes
    }
    if (removedCells > 0) note.run('rollups', removedCells, now)
    let points = 0
    for (const { id } of series.all() as { id: number }[]) points += deletePoints.run(id, now - retention.spansDays * day).changes
    if (points > 0) note.run('points', points, now)
    deleteErrors.run(Math.floor((now - retention.spansDays * day) / 1000))
    deleteBatches.run(now - batchesKept)
    deleteIntake.run(Math.floor((now - intakeKept) / 3_600_000))
    const before = now - (Math.max(retention.spansDays, retention.logsDays) + 1) * day
    let rows = deleteResources.run(Math.min(before, firstLine() - 2 * mostAhead)).changes
    for (const statement of forgotten) rows += statement.run({ before }).changes
    return rows > 0
  }

  const pragma = (name: string) => db.pragma(name, { simple: true }) as number

  function usage() {
    const pageSize = pragma('page_size')
    const pages = pragma('page_count')
    return { bytes: pages * pageSize, usedBytes: (pages - pragma('freelist_count')) * pageSize }
  }

  /** Much empty room in the file goes back to the disk, a little at a time; some is kept, it is needed again soon. */
  function giveBack() {
    const free = pragma('freelist_count')
    if (free > pragma('page_count') / 4 && free > 2_000) db.pragma('incremental_vacuum(200)')
  }

  return {
    usage,

    step(now: number, retention: Retention): RetentionStep {
      return db.transaction((): RetentionStep => {
        const named = hourly(now, retention)
        const over = usage().usedBytes > retention.maxBytes
        const traces = (over ? oldestTraces.all(stepTraces) : oldTraces.all(now - retention.spansDays * day, stepTraces)) as OldTrace[]
        removeTraces(traces, now)
        const lines = (over ? oldestLogs.all(stepRows) : oldLogs.all(BigInt(now - retention.logsDays * day) * 1_000_000n, stepRows)) as { id: bigint }[]
        removeLogs(lines.map(row => row.id), now)
        giveBack()
        // What is still too much when all of them are gone is figures, which go by their age alone.
        const isShrinking = over && traces.length + lines.length > 0
        return { more: isShrinking || traces.length === stepTraces || lines.length === stepRows, removed: { traces: traces.length > 0, named } }
      }).immediate()
    },

    /** The disk is full: the oldest telemetry goes, before anything else suffers. Fails quietly where not even that can be written. */
    makeRoom(now: number): void {
      try {
        db.transaction(() => {
          removeTraces(oldestTraces.all(stepTraces * 5) as OldTrace[], now)
          removeLogs((oldestLogs.all(stepRows * 5) as { id: bigint }[]).map(row => row.id), now)
        }).immediate()
      }
      catch {
        // The next batch tries again.
      }
    },
  }
}
