import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logRequest, metricRequest, nanos, traceRequest } from '../support/otlp/build.ts'
import { encode } from '../support/otlp/proto.ts'
import { bundle } from './support/bundle.ts'
import type { Survived } from './support/own-store.ts'
import { ask, startProcess } from './support/processes.ts'
import type { Figure } from './support/report.ts'

const mutations = Number(process.env.BENCH_MUTATIONS ?? 1_000_000)

/** OT-10: a million bodies with bytes changed, cut or put in: each is stored or refused, nothing crashes, memory goes back. */
export async function run(): Promise<Figure[]> {
  const path = await bundle(new URL('support/own-store.ts', import.meta.url), 'own-store')
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  const { child } = await startProcess(path, [dataDir])
  const died = new Promise<never>((_, failed) => child.once('exit', code => failed(new Error(`The store ended with ${code}.`))))
  died.catch(() => {})
  try {
    const take = (times: number, api: number, seed: number) => Promise.race([died, ask<Survived>(child, { bodies: bodies(), times, api, seed })])
    const began = performance.now()
    const states: Record<string, number> = {}
    const heaps: number[] = []
    const buffers: number[] = []
    let unhandled = 0
    for (let tenth = 1; tenth <= 10; tenth++) {
      const told = await take(mutations / 10, mutations / 200, tenth)
      for (const [state, count] of Object.entries(told.states)) states[state] = (states[state] ?? 0) + count
      heaps.push(told.heapMb)
      buffers.push(told.buffersMb)
      unhandled = told.unhandled
    }
    const odd = Object.entries(states).filter(([state]) => !['stored', 'malformed', 'too_large', 'read', 'request.malformed', 'request.too_large'].includes(state))
    return [
      { name: 'mutated bodies a second', value: Math.round(mutations * 1.05 / (performance.now() - began) * 1_000), detail: Object.entries(states).map(([state, count]) => `${state} ${count}`).join(', ') },
      { name: 'neither taken nor refused', value: odd.reduce((sum, [, count]) => sum + count, 0), must: 0 },
      { name: 'unhandled rejections', value: unhandled, must: 0 },
      // The first half fills dictionaries and caches up to their quotas.
      { name: 'memory at the end − at half, MB', value: heaps[9]! - heaps[4]!, must: 16, detail: `${heaps.map(heap => heap.toFixed(0)).join(' → ')}, of it buffers ${buffers.map(held => held.toFixed(0)).join(' → ')}` },
    ]
  }
  finally {
    child.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** One of each signal, in both encodings, with something in every kind of field. */
function bodies() {
  const at = Date.now() - 60_000
  const attributes = { 'http.request.method': 'GET', 'http.route': '/a/{id}', 'http.response.status_code': 500, 'list': ['x', 1], 'map': { k: 'v' }, 'yes': true, 'half': 0.5 }
  const requests = {
    traces: traceRequest({ service: 'mutated', scope: { name: 'bench' } }, [{ spanId: 'b'.repeat(16), kind: 2, attributes, events: [{ name: 'exception', attributes: { 'exception.type': 'E', 'exception.message': 'm' } }], links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }], status: { code: 2, message: 'm' } }], at),
    logs: logRequest({ service: 'mutated' }, [{ body: { text: 'hello', n: [1, 2] }, severity: 17, attributes, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }], at),
    metrics: metricRequest({ service: 'mutated' }, [{ name: 'm', unit: '1', gauge: { dataPoints: [{ timeUnixNano: nanos(at), asDouble: 1 }] } }]),
  }
  return Object.entries(requests).flatMap(([signal, request]) => [
    { signal, encoding: 'protobuf', body: encode(signal as 'traces', request) },
    { signal, encoding: 'json', body: Buffer.from(JSON.stringify(request)) },
  ])
}
