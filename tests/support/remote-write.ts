export interface RemoteSeries {
  labels: Record<string, string>
  samples: { at: number, value: number }[]
  exemplars?: { labels: Record<string, string>, at: number, value: number }[]
}

/** Series as the body of a remote write (version 1), which every Prometheus since 2.33 takes from whoever may write. Times in ms. */
export function remoteWriteBody(series: readonly RemoteSeries[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(snappy(message(...series.map(({ labels, samples, exemplars = [] }) => bytes(1, message(
    ...labelsOf(labels),
    ...samples.map(({ at, value }) => bytes(2, message(double(1, value), int64(2, at)))),
    ...exemplars.map(({ labels, at, value }) => bytes(3, message(...labelsOf(labels), double(2, value), int64(3, at)))),
  ))))))
}

export const remoteWriteHeaders = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' }

const message = (...fields: Buffer[]) => Buffer.concat(fields)

/** In the order of their names, as the format asks. */
function labelsOf(labels: Record<string, string>): Buffer[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => bytes(1, message(bytes(1, Buffer.from(name)), bytes(2, Buffer.from(value)))))
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(field << 3 | 2)), varint(BigInt(content.length)), content])
}

function double(field: number, value: number): Buffer {
  const buffer = Buffer.alloc(9)
  buffer[0] = field << 3 | 1
  buffer.writeDoubleLE(value, 1)
  return buffer
}

const int64 = (field: number, value: number) => Buffer.concat([varint(BigInt(field << 3)), varint(BigInt(value))])

function varint(value: bigint): Buffer {
  const digits: number[] = []
  do {
    digits.push(Number(value & 127n) | (value > 127n ? 128 : 0))
    value >>= 7n
  } while (value > 0n)
  return Buffer.from(digits)
}

/** Framed as the format wants it, and not one byte smaller: pieces of plain text are valid. */
function snappy(content: Buffer): Buffer {
  const pieces = [varint(BigInt(content.length))]
  for (let at = 0; at < content.length; at += 65_536) {
    const piece = content.subarray(at, at + 65_536)
    const head = Buffer.from([61 << 2, 0, 0])
    head.writeUInt16LE(piece.length - 1, 1)
    pieces.push(head, piece)
  }
  return Buffer.concat(pieces)
}
