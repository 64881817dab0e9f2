import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { freePort } from './ingest.ts'
import { bundle } from './support/bundle.ts'
import { createBatches } from './support/payload.ts'
import { ask, load, startProcess, stopProcess } from './support/processes.ts'
import { median, type Figure } from './support/report.ts'

const secret = 'a-key-of-more-than-thirty-two-characters'
const wanted = Number(process.env.BENCH_SPANS ?? 1_000_000)
/** The spans lie within this time, ms. */
const spread = 15 * 60_000

/** Reading a store that holds a million spans: through the ports, from a process that answers as the app does. */
export async function run(): Promise<Figure[]> {
  const own = await bundle(new URL('support/own-receiver.ts', import.meta.url), 'own-receiver')
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  const { child, port } = await startProcess(own, [dataDir, String(await freePort()), secret])
  try {
    const batches = createBatches(4_096)
    let sent = 0
    const next = () => ({ body: batches.next(spread * (1 - (sent += batches.spans) / (wanted * 1.05))), spans: batches.spans })
    const headers = { authorization: `Bearer ${secret}` }
    let stored = 0
    while (stored < wanted) stored += (await load({ port, connections: 2, seconds: 2, next, headers })).acknowledged

    const window = { from: new Date(Date.now() - spread - 60_000), to: new Date(Date.now() + 60_000) }
    const measure = async (source: string, verb: string, args: unknown[], times: number) => {
      const { took } = await ask<{ took: number[] }>(child, { source, verb, args, times })
      return took.toSorted((a, b) => a - b)
    }
    const at = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!

    const table = await measure('metrics', 'requests', [{ window, groupBy: ['service'] }], 20)
    const scan = scanRows(join(dataDir, 'telemetry.db'))
    const newest = { window, service: 'business-service', limit: 50 }
    const { answer } = await ask<{ answer: { traces: { traceId: string }[], next?: string } }>(child, { source: 'traces', verb: 'search', args: [newest], times: 1 })
    const page = await measure('traces', 'search', [newest], 200)
    const older = await measure('traces', 'search', [{ ...newest, cursor: answer.next }], 200)
    const byId: number[] = []
    for (const { traceId } of answer.traces) byId.push(...await measure('traces', 'skeleton', [traceId], 5))
    const state = await measure('metrics', 'requests', [{ window: { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 1_000) }, groupBy: ['service', 'method', 'routeKey'] }], 50)
    byId.sort((a, b) => a - b)

    return [
      { name: 'service table ÷ scan of the same rows', value: median(table) / scan, must: 0.02, detail: `${median(table).toFixed(1)} ms ÷ ${scan.toFixed(0)} ms, ${stored} spans` },
      { name: 'trace by id, p99, ms', value: at(byId, 0.99), must: 5, detail: `p50 ${at(byId, 0.5).toFixed(2)}` },
      { name: 'newest 50 of a service, p99, ms', value: at(page, 0.99), must: 5, detail: `p50 ${at(page, 0.5).toFixed(2)}` },
      { name: 'the page after, p99, ms', value: at(older, 0.99), must: 5, detail: `p50 ${at(older, 0.5).toFixed(2)}` },
      { name: 'figures of the last minute by endpoint, p50, ms', value: median(state) },
    ]
  }
  finally {
    await stopProcess(child)
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The same figures from one row a span, as a store without rollups would: count, failed, duration, p95 by service. */
function scanRows(path: string): number {
  const db = new BetterSqlite(path, { readonly: true })
  const rows = new BetterSqlite(':memory:')
  try {
    rows.exec('create table spans (service integer, started integer, duration integer, failed integer, name text, trace blob)')
    const insert = rows.prepare('insert into spans values (?, ?, ?, ?, ?, ?)')
    rows.exec('begin')
    for (const trace of db.prepare('select id, trace_id, started_at, ended_at, spans, services, failed from traces').iterate() as Iterable<{ trace_id: Buffer, started_at: number, ended_at: number, spans: number, services: string, failed: number }>) {
      const services = trace.services.split(',').filter(Boolean)
      for (let i = 0; i < trace.spans; i++) insert.run(Number(services[i % services.length]), trace.started_at, trace.ended_at - trace.started_at - i, trace.failed, 'POST /api/v1/process', trace.trace_id)
    }
    rows.exec('commit')
    const took = [1, 2, 3].map(() => {
      const began = performance.now()
      rows.prepare('select service, count(*), sum(failed), avg(duration), percentile(duration, 50), percentile(duration, 95), percentile(duration, 99) from spans where started >= 0 group by service').all()
      return performance.now() - began
    })
    return median(took)
  }
  finally {
    rows.close()
    db.close()
  }
}
