import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { encode } from '../../support/otlp/proto.ts'
import { post, startProcess } from './processes.ts'

export interface CrashRound {
  acknowledged: number
  lost: number
  intact: boolean
}

const secret = 'a-key-of-more-than-thirty-two-characters'
const connections = 6

/**
 * Loads a receiver with traces and logs, kills it with signal 9 somewhere in the middle, and looks whether everything it
 * had acknowledged is in the file, and the file whole. Each round starts on what the one before left.
 */
export async function crash(receiver: string, dataDir: string): Promise<CrashRound> {
  const { child, port } = await startProcess(receiver, [dataDir, String(await freePort()), secret])
  const traces = new Map<string, number>()
  const logs = new Set<string>()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const headers = { authorization: `Bearer ${secret}` }
  let killed = false

  const senders = Array.from({ length: connections }, async (_, sender) => {
    while (!killed) {
      const sent = sender === 0 ? logBatch() : traceBatch()
      const status = await post(agent, port, sent.path, sent.body, headers).catch(() => 0)
      if (status !== 200) continue
      for (const id of sent.traces) traces.set(id, sent.spansEach)
      for (const body of sent.logs) logs.add(body)
    }
  })
  await new Promise(resolve => setTimeout(resolve, 300 + Math.random() * 900))
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
  killed = true
  agent.destroy()
  await Promise.all(senders)

  const db = new BetterSqlite(join(dataDir, 'telemetry.db'))
  try {
    const intact = db.pragma('integrity_check', { simple: true }) === 'ok'
    const spansOf = db.prepare('select coalesce(sum(s.spans), 0) from segments s join traces t on t.id = s.trace where t.trace_id = ?').pluck()
    const held = new Set(db.prepare('select body from logs').pluck().all() as string[])
    let lost = 0
    for (const [id, spans] of traces) lost += spans - Number(spansOf.get(Buffer.from(id, 'hex')))
    for (const body of logs) if (!held.has(body)) lost++
    return { acknowledged: [...traces.values()].reduce((sum, spans) => sum + spans, 0) + logs.size, lost, intact }
  }
  finally {
    db.close()
  }
}

function traceBatch() {
  const now = `${BigInt(Date.now()) * 1_000_000n}`
  const ids = Array.from({ length: 10 }, () => randomBytes(16).toString('hex'))
  const spans = ids.flatMap(traceId => Array.from({ length: 5 }, (_, i) => ({ traceId, spanId: randomBytes(8).toString('hex'), name: `step ${i}`, kind: 2, startTimeUnixNano: now, endTimeUnixNano: now })))
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
  return { path: '/v1/traces', body: Buffer.from(encode('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })), traces: ids, spansEach: 5, logs: [] as string[] }
}

function logBatch() {
  const now = `${BigInt(Date.now()) * 1_000_000n}`
  const bodies = Array.from({ length: 10 }, () => randomBytes(12).toString('hex'))
  const logRecords = bodies.map(stringValue => ({ timeUnixNano: now, severityNumber: 9, body: { stringValue } }))
  return { path: '/v1/logs', body: Buffer.from(encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })), traces: [] as string[], spansEach: 0, logs: bodies }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
