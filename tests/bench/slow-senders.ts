import { connect } from 'node:net'
import { startApp } from './support/app.ts'
import { load } from './support/load.ts'
import type { Figure } from './support/report.ts'

const sockets = 500

/** OT-08: senders of a byte every ten seconds, in the middle of a head or of a body or silent, while people read the board. */
export async function run(): Promise<Figure[]> {
  const app = await startApp()
  try {
    const headers = { cookie: app.cookie }
    await load(`${app.origin}/`, { connections: 2, seconds: 3, headers })
    const port = Number(new URL(app.otlp).port)
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-ingest-key: ${app.key}\r\ncontent-type: application/json\r\n`
    const starts = [`${head}content-length: 1000\r\n\r\n`, `${head}transfer-encoding: chunked\r\n\r\n`, head, 'P']
    const slow = Array.from({ length: sockets }, (_, i) => hold(port, starts[i % starts.length]!))
    const [board, ...seconds] = await Promise.all([load(`${app.origin}/`, { connections: 2, seconds: 16, headers }), ...slow])
    return [
      { name: `slowest of ${sockets} slow sockets to be closed, s`, value: Math.max(...seconds), must: 15, detail: `first after ${Math.min(...seconds).toFixed(1)}` },
      { name: 'status board p95 meanwhile, ms', value: board.p95, must: 300, detail: `p50 ${board.p50.toFixed(0)}, ${board.failed} failed` },
    ]
  }
  finally {
    await app.close()
  }
}

/** Seconds until the other side closed it; given up after 40. */
function hold(port: number, start: string): Promise<number> {
  return new Promise((closed) => {
    const began = performance.now()
    const socket = connect(port, '127.0.0.1', () => socket.write(start))
    const drip = setInterval(() => socket.write('x'), 10_000)
    const giveUp = setTimeout(() => socket.destroy(), 40_000)
    socket.on('error', () => {}).resume().on('close', () => {
      clearInterval(drip)
      clearTimeout(giveUp)
      closed((performance.now() - began) / 1_000)
    })
  })
}
