/**
 * Columns of numbers in one block of bytes, to be read as views without copying:
 *
 *   | version | 0 0 0 | count u32 | tables' length u32 | 0 | columns: 8-byte, then 4, 2, 1 | tables: JSON, UTF-8 |
 *
 * Wide columns come first, so that each begins where its type may begin. The tables end with a directory of columns.
 */
export type Column = BigUint64Array | Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array

const types = { BigUint64Array, Float64Array, Uint32Array, Int32Array, Uint16Array, Uint8Array } as const
type ColumnType = keyof typeof types

const HEAD = 16

export class ColumnsError extends Error {}

export function packColumns(version: number, count: number, columns: Record<string, Column>, tables: object): ArrayBuffer {
  const entries = Object.entries(columns).sort(([, a], [, b]) => b.BYTES_PER_ELEMENT - a.BYTES_PER_ELEMENT)
  const directory = entries.map(([name, column]) => [name, column.constructor.name, column.length])
  const text = new TextEncoder().encode(JSON.stringify({ tables, directory }))
  const bytes = entries.reduce((sum, [, column]) => sum + column.byteLength, HEAD)
  const buffer = new ArrayBuffer(bytes + text.length)
  const head = new DataView(buffer)
  head.setUint8(0, version)
  head.setUint32(4, count, true)
  head.setUint32(8, text.length, true)
  const all = new Uint8Array(buffer)
  let offset = HEAD
  for (const [, column] of entries) {
    all.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset)
    offset += column.byteLength
  }
  all.set(text, offset)
  return buffer
}

/** Numbers are written as this machine writes them: little-endian on everything that runs Node or a browser today. */
export function unpackColumns(buffer: ArrayBuffer, version: number): { count: number, columns: Record<string, Column>, tables: unknown } {
  if (buffer.byteLength < HEAD) throw new ColumnsError('too short')
  const head = new DataView(buffer)
  if (head.getUint8(0) !== version) throw new ColumnsError(`version ${head.getUint8(0)} instead of ${version}`)
  const length = head.getUint32(8, true)
  const text = new TextDecoder().decode(new Uint8Array(buffer, buffer.byteLength - length))
  const { tables, directory } = JSON.parse(text) as { tables: unknown, directory: [name: string, type: ColumnType, length: number][] }
  const columns: Record<string, Column> = {}
  let offset = HEAD
  for (const [name, type, entries] of directory) {
    const column = new types[type](buffer, offset, entries)
    columns[name] = column
    offset += column.byteLength
  }
  return { count: head.getUint32(4, true), columns, tables }
}

/** The narrowest column that holds indexes up to `size`. */
export function indexColumn(values: ArrayLike<number>, size: number): Uint8Array | Uint16Array | Uint32Array {
  return size <= 0x100 ? Uint8Array.from(values) : size <= 0x1_0000 ? Uint16Array.from(values) : Uint32Array.from(values)
}
