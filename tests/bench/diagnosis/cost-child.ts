import { createDiagnoser, TraceCollector, type DiagnosisInput } from '../../../server/diagnosis/diagnosis.ts'
import type { Span } from '../../../shared/trace/span.ts'
import type { Cost } from './cost.ts'
import { Chance } from './simulation.ts'

const start = 1_767_225_600_000_000
const TRACES = 3_000
const SPANS = 40
/** As many as are read for one analysis. */
const LINES = 8_000

/** Forty spans a trace over ten services, with the lines of 200 of them; in the last tenth one query is slow. */
function makeInput(seed: number): DiagnosisInput {
  const chance = new Chance(seed)
  const collector = new TraceCollector()
  for (let trace = 0; trace < TRACES; trace++) {
    const at = start + trace * 200_000
    const isSlow = trace >= 0.9 * TRACES
    const spans: Span[] = []
    let cursor = at
    for (let i = 0; i < SPANS; i++) {
      const depth = Math.floor(i / 4)
      const isCall = i % 2 === 1
      const own = chance.around(2_000, 0.4) + (isSlow && i === 35 ? 200_000 : 0)
      spans.push({
        traceId: trace.toString(16).padStart(32, '0'), spanId: (i + 1).toString(16).padStart(16, '0'), key: '', ...(i > 0 && { parentId: (Math.max(0, i - (isCall ? 1 : 2)) + 1).toString(16).padStart(16, '0') }),
        name: isCall ? `SELECT t${depth}` : `GET /op${depth}`, kind: isCall ? 'client' : i === 0 ? 'server' : 'internal', service: `service-${depth}`, start: Math.round(cursor), duration: Math.round(isCall ? own : (SPANS - i) * 4_000 + (isSlow ? 200_000 : 0)),
        status: 'unset', attributes: { ...(isCall ? { 'server.address': `db-${depth}`, 'db.system': 'postgresql', 'db.namespace': `db-${depth}` } : { 'http.route': `/op${depth}` }), 'api.client.id': `partner-${trace % 20}` },
        resource: { 'service.name': `service-${depth}`, 'service.instance.id': `service-${depth}-${trace % 4}`, 'service.version': '1.0.0' }, events: [], links: [],
      })
      cursor += isCall ? own : 300
    }
    collector.add(spans[0]!.traceId, spans)
  }
  const traces = collector.done()
  const logs = Array.from({ length: LINES }, (_, i) => {
    const trace = Math.floor(i / SPANS) * Math.floor(TRACES / (LINES / SPANS))
    return {
      at: start + trace * 200_000, service: `service-${Math.floor(i % SPANS / 4)}`, level: 'info', traceId: trace.toString(16).padStart(32, '0'), spanId: (i % SPANS + 1).toString(16).padStart(16, '0'),
      body: `request ${i} of partner-${trace % 20} answered 200 after ${chance.around(2_000, 0.4).toFixed(0)} µs, ${i % 7} rows read from db-${i % 12}, cache ${i % 3 ? 'hit' : 'missed'}, nothing else to be told of it`,
    }
  })
  return { at: start + TRACES * 200_000 + 1e6, symptoms: [], series: [], traces, logs, linesOf: [...new Set(logs.map(({ traceId }) => traceId))], changes: [], excluded: [] }
}

/** Processor time of this thread alone, ms: who waits for a processor does no work. */
function ownTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

const megabytes = () => process.memoryUsage().rss / 2 ** 20
const inputs = Array.from({ length: 7 }, (_, i) => makeInput(i + 1))
const spans = inputs[0]!.traces.id.length
globalThis.gc!()
const before = megabytes()
let highest = before
let blocked = 0
let worked = 0
let last = { at: performance.now(), own: ownTime() }
const watch = setInterval(() => {
  highest = Math.max(highest, megabytes())
  blocked = Math.max(blocked, performance.now() - last.at - 5)
  worked = Math.max(worked, ownTime() - last.own)
  last = { at: performance.now(), own: ownTime() }
}, 5)

const diagnoser = createDiagnoser()
const times: number[] = []
const processor: number[] = []
for (const input of inputs) {
  const began = performance.now()
  const used = process.cpuUsage()
  const { culprit } = await diagnoser.diagnose(input)
  times.push(performance.now() - began)
  const { user, system } = process.cpuUsage(used)
  processor.push((user + system) / 1_000)
  if (culprit?.remote !== 'postgresql/db-8') throw new Error(`found ${JSON.stringify(culprit)}`)
}
clearInterval(watch)
await diagnoser.close()
const [first, ...again] = times
process.send!({ spans, traces: TRACES, first: first!, again, processor: processor.slice(1), memory: highest - before, blocked, worked } satisfies Cost)
