import type { Database, Statement } from 'better-sqlite3'
import { WireWriter } from '../otlp/wire-writer'
import { classOf, Sketch, unit } from './sketch'

/** Steps in seconds, finest first. */
export const levels = [10, 60, 600] as const

/** One combination of a cube's dimensions, with the cells it is adding to. */
export class CubeKey {
  readonly id: number
  readonly serviceId: number
  /** By level: the cell last added to, and the others that were lately. */
  readonly current: (Cell | undefined)[] = [undefined, undefined, undefined]
  readonly recent: Map<number, Cell>[] = [new Map(), new Map(), new Map()]

  constructor(id: number, serviceId: number) {
    this.id = id
    this.serviceId = serviceId
  }
}

interface Cell {
  key: CubeKey
  level: number
  bucket: number
  spans: number
  requests: number
  failed: number
  duration: number
  sketch: Sketch
  dirty: boolean
  /** Sweeps since it was last written. */
  idle: number
}

/** What one span adds, kept where it may have to be taken back. */
export interface Contribution {
  /** Seconds since the epoch. */
  second: number
  weight: number
  failed: boolean
  /** Microseconds. */
  duration: number
}

interface CellRow {
  spans: number
  requests: number
  failed: number
  duration: number
  sketch: Buffer
}

/** Cells kept in memory after they were last written to: a step ends, and late spans still come. */
const idleSweeps = 6
const mostCells = 60_000

/**
 * A cube in steps of 10 s, 1 min and 10 min. Cells are added up in memory and written whole, each once per commit, in
 * the transaction that stores the spans they count.
 */
export class Cube {
  private cells: Cell[] = []
  private dirty: Cell[] = []
  private writer = new WireWriter()
  private readCell: Statement
  private writeCell: Statement
  private deleteCell: Statement

  constructor(db: Database, table: 'request_cells' | 'operation_cells') {
    const place = 'level = ? and service_id = ? and bucket = ? and key_id = ?'
    this.readCell = db.prepare(`select spans, requests, failed, duration, sketch from ${table} where ${place}`)
    this.writeCell = db.prepare(`insert or replace into ${table} (level, service_id, bucket, key_id, spans, requests, failed, duration, sketch) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.deleteCell = db.prepare(`delete from ${table} where ${place}`)
  }

  add(key: CubeKey, what: Contribution): void {
    this.change(key, what, 1)
  }

  /** Takes back what was added. */
  subtract(key: CubeKey, what: Contribution): void {
    this.change(key, what, -1)
  }

  /** Writes what changed; inside the store's transaction. */
  flush(): void {
    for (const cell of this.dirty) {
      cell.dirty = false
      cell.idle = 0
      const { key, level, bucket } = cell
      if (cell.spans <= 0) this.deleteCell.run(levels[level], key.serviceId, bucket, key.id)
      else {
        cell.sketch.write(this.writer.reset())
        this.writeCell.run(levels[level], key.serviceId, bucket, key.id, cell.spans, cell.requests, cell.failed, cell.duration, this.writer.view())
      }
    }
    this.dirty.length = 0
  }

  /** Lets go of cells that nothing was added to for a while. */
  forget(): void {
    const crowded = this.cells.length > mostCells
    this.cells = this.cells.filter((cell) => {
      if (cell.dirty || (++cell.idle < idleSweeps && !crowded)) return true
      cell.key.recent[cell.level]!.delete(cell.bucket)
      if (cell.key.current[cell.level] === cell) cell.key.current[cell.level] = undefined
      return false
    })
  }

  private change(key: CubeKey, { second, weight, failed, duration }: Contribution, sign: 1 | -1) {
    const index = classOf(duration)
    const count = Math.max(1, Math.round(weight * unit)) * sign
    for (let level = 0; level < levels.length; level++) {
      const bucket = second - second % levels[level]!
      const current = key.current[level]
      const cell = current !== undefined && current.bucket === bucket ? current : this.find(key, level, bucket)
      cell.spans += sign
      cell.requests += weight * sign
      if (failed) cell.failed += weight * sign
      cell.duration += duration * weight * sign
      cell.sketch.add(index, count)
      if (!cell.dirty) {
        cell.dirty = true
        this.dirty.push(cell)
      }
    }
  }

  private find(key: CubeKey, level: number, bucket: number): Cell {
    const known = key.recent[level]!.get(bucket)
    const cell = known ?? this.load(key, level, bucket)
    // The newest step is the one asked for next.
    if (bucket >= (key.current[level]?.bucket ?? 0)) key.current[level] = cell
    return cell
  }

  private load(key: CubeKey, level: number, bucket: number): Cell {
    const row = this.readCell.get(levels[level], key.serviceId, bucket, key.id) as CellRow | undefined
    const cell: Cell = {
      key, level, bucket,
      spans: row?.spans ?? 0, requests: row?.requests ?? 0, failed: row?.failed ?? 0, duration: row?.duration ?? 0,
      sketch: row ? new Sketch().merge(row.sketch) : new Sketch(),
      dirty: false, idle: 0,
    }
    key.recent[level]!.set(bucket, cell)
    this.cells.push(cell)
    return cell
  }
}
