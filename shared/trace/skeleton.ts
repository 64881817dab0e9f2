import type { Micros } from '../units'
import type { ClockSkew } from './clock-skew'
import { indexColumn, packColumns, unpackColumns, type Column } from './columns'
import { findCriticalPath } from './critical-path'
import { findErrors } from './error-origin'
import { findGaps, type Gap } from './gaps'
import { findRepeats, type Repeat, type Repeats } from './repeats'
import { selfTimes } from './self-time'
import type { SkeletonSpan } from './skeleton-span'
import { FAILED, withBits, type SpanTable } from './span-table'
import { buildSpanTree } from './span-tree'
import { findWaits } from './waits'

/** A new layout gets a new number; nothing is stored in this form for longer than a cache lives. */
export const SKELETON_VERSION = 1

/** What a row says about its span at the right end. */
export interface Pill {
  system?: string
  remote?: string
}

/** The whole trace as the page reads it: the table, and what was found out about it. */
export interface Skeleton extends SpanTable {
  /** Ticks from `base` to the last end. */
  total: number
  self: Uint32Array
  repeats: Repeats
  gaps: Gap[]
  skews: ClockSkew[]
  duplicates: number
  keyOf: (span: number) => string
  /** -1 where no span has this key. */
  spanOf: (key: string) => number
  httpStatusOf: (span: number) => number | undefined
  pillOf: (span: number) => Pill
  errorTypeOf: (span: number) => string | undefined
  /** The skew that was taken out of a span's times, where there was one. */
  skewOf: (span: number) => ClockSkew | undefined
}

interface Tables {
  base: Micros
  tick: Micros
  main: number
  total: number
  duplicates: number
  services: string[]
  names: string[]
  statuses: number[]
  pills: Pill[]
  errorTypes: string[]
  skews: ClockSkew[]
  /** Keys that are more than 16 hex digits, by span. */
  keys: Record<string, string>
}

/**
 * Packs a whole trace for `TraceSource.skeleton`: tree, corrected times, self time, critical path, errors, repeats,
 * gaps, as columns behind a version byte, about 30 bytes a span. Takes the spans in any order, duplicates included.
 */
export function encodeSkeleton(spans: readonly SkeletonSpan[]): ArrayBuffer {
  const tree = buildSpanTree(spans)
  const waited = withBits(tree, findWaits(tree))
  const path = withBits(waited, findCriticalPath(waited))
  const table = withBits(path, findErrors(path))
  const repeats = findRepeats(table)
  const gaps = findGaps(table)

  const { list: statuses, column: status } = numbered(table.spans, span => span.httpStatus, String)
  const { list: pills, column: pill } = numbered<Pill>(table.spans,
    span => span.system || span.remote ? { ...(span.system && { system: span.system }), ...(span.remote && { remote: span.remote }) } : undefined,
    ({ system, remote }) => `${system}\0${remote}`)
  const { list: errorTypes, column: errorType } = numbered(table.spans, (span, i) => table.flags[i]! & FAILED ? span.errorType : undefined, String)
  const keys: Record<string, string> = {}
  const ids = BigUint64Array.from(table.keys, (key, i) => {
    if (/^[0-9a-f]{16}$/.test(key)) return BigInt(`0x${key}`)
    keys[i] = key
    return BigInt(0)
  })

  let total = 0
  for (let i = 0; i < table.count; i++) total = Math.max(total, table.start[i]! + table.duration[i]!)
  const columns: Record<string, Column> = {
    id: ids,
    start: table.start, duration: table.duration, self: selfTimes(table), parent: table.parent,
    flags: table.flags,
    name: indexColumn(table.name, table.names.length), service: indexColumn(table.service, table.services.length),
    status: indexColumn(status, statuses.length + 1), pill: indexColumn(pill, pills.length + 1),
    gaps: Uint32Array.from(gaps.flatMap(({ span, from, to }) => [span, from, to])),
    repeats: Uint32Array.from(repeats.list.flatMap(r => [r.first, r.count, r.together, r.slowest, r.median, Number(r.sequential)])),
  }
  if (repeats.list.length) columns.repeat = indexColumn(repeats.of, repeats.list.length + 1)
  if (errorTypes.length) columns.errorType = indexColumn(errorType, errorTypes.length + 1)
  if (table.skews.length) columns.clock = indexColumn(table.clock.map(clock => clock + 1), table.skews.length + 1)
  const tables: Tables = {
    base: table.base, tick: table.tick, main: table.main, total, duplicates: table.duplicates,
    services: table.services, names: table.names, statuses, pills, errorTypes, skews: table.skews, keys,
  }
  return packColumns(SKELETON_VERSION, table.count, columns, tables)
}

/** Views on the packed bytes; only depth, subtree sizes and the small lists are made anew. */
export function decodeSkeleton(bytes: ArrayBuffer): Skeleton {
  const { count, columns, tables } = unpackColumns(bytes, SKELETON_VERSION)
  const { keys, statuses, pills, errorTypes, ...rest } = tables as Tables
  const column = <T extends Column>(name: string) => columns[name] as T
  const index = (name: string) => columns[name] as Uint8Array | undefined
  const id = column<BigUint64Array>('id')
  const parent = column<Int32Array>('parent')
  const nothing: Pill = {}
  return {
    ...rest, count, parent, ...shapeOf(parent),
    start: column('start'), duration: column('duration'), self: column('self'), flags: column('flags'),
    name: column<Uint8Array>('name'), service: column<Uint8Array>('service'),
    gaps: groups(column<Uint32Array>('gaps'), 3).map(([span, from, to]) => ({ span: span!, from: from!, to: to! })),
    repeats: {
      list: groups(column<Uint32Array>('repeats'), 6).map(([first, size, together, slowest, median, sequential]): Repeat =>
        ({ first: first!, count: size!, together: together!, slowest: slowest!, median: median!, sequential: sequential === 1 })),
      of: index('repeat') ?? new Uint8Array(count),
    },
    keyOf: span => keys[span] ?? id[span]!.toString(16).padStart(16, '0'),
    spanOf(key) {
      const other = Object.entries(keys).find(([, value]) => value === key)
      if (other) return Number(other[0])
      return /^[0-9a-f]{16}$/.test(key) ? id.indexOf(BigInt(`0x${key}`)) : -1
    },
    httpStatusOf: span => statuses[index('status')![span]! - 1],
    pillOf: span => pills[index('pill')![span]! - 1] ?? nothing,
    errorTypeOf: span => errorTypes[(index('errorType')?.[span] ?? 0) - 1],
    skewOf: span => rest.skews[(index('clock')?.[span] ?? 0) - 1],
  }
}

function shapeOf(parent: Int32Array): { depth: Uint32Array, size: Uint32Array } {
  const depth = new Uint32Array(parent.length)
  const size = new Uint32Array(parent.length).fill(1)
  for (let i = 0; i < parent.length; i++) if (parent[i]! >= 0) depth[i] = depth[parent[i]!]! + 1
  for (let i = parent.length - 1; i > 0; i--) if (parent[i]! >= 0) size[parent[i]!]! += size[i]!
  return { depth, size }
}

/** Distinct values in order of appearance; the column holds their place plus one, 0 for none. */
function numbered<T>(spans: SkeletonSpan[], valueOf: (span: SkeletonSpan, i: number) => T | undefined, textOf: (value: T) => string) {
  const list: T[] = []
  const known = new Map<string, number>()
  const column = spans.map((span, i) => {
    const value = valueOf(span, i)
    if (value === undefined) return 0
    const text = textOf(value)
    if (!known.has(text)) known.set(text, list.push(value))
    return known.get(text)!
  })
  return { list, column }
}

function groups(column: Uint32Array, size: number): Uint32Array[] {
  return Array.from({ length: column.length / size }, (_, i) => column.subarray(i * size, (i + 1) * size))
}
