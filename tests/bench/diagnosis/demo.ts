// npm run bench:diagnosis -- demo                     the demo's own platform with each of its faults, in real time, through replay
// npm run bench:diagnosis -- demo --fault slow-code   one fault only (several: again); --at-once 4 platforms; --write DIR keeps the recordings
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { faultNames, isFault, type FaultName } from '../../../demo/faults.ts'
import { startPlatform } from '../../../demo/platform/platform.ts'
import { sixFreePorts } from '../../support/free-ports.ts'
import { printTable } from '../support/report.ts'
import type { Truth } from './faults.ts'
import { judgeRevisions, revisionsOf, type Replayed } from './replayed.ts'

const { values } = parseArgs({ allowPositionals: true, options: { 'fault': { type: 'string', multiple: true }, 'at-once': { type: 'string', default: '4' }, 'write': { type: 'string' } } })
const names = (values.fault ?? faultNames).filter(isFault)
/** Seconds of healthy traffic before, and of the fault. */
const [past, during] = [390, 240]

const worker = { service: 'notification-worker' }
const business = (operation: string, remote: string | null = null) => ({ service: 'business-service', operation, remote })
const settlements: Truth['places'] = [business('external.api.call', 'external-api'), business('POST', 'external-api'), { service: 'external-api' }]

/** Who is guilty of each, known from how it is made. */
const truths: Record<FaultName, Truth> = {
  'external-timeout': { type: 'timeout', places: settlements.slice(0, 2) },
  'jwt-cache-off': { type: 'call_rate', places: [{ service: 'auth-service', operation: 'Token Validation' }] },
  'slow-query': { type: 'slow_dependency', places: [{ service: 'business-service', operation: 'SELECT orders' }] },
  'version-errors': { type: 'error_origin', places: [business('PaymentService.authorize')], qualifier: { attributes: ['service.version'], value: '2.9.0' } },
  'bad-consumer': { type: 'error_origin', types: ['retry_storm'], places: [business('OrderService.price')], qualifier: { attributes: ['api.client.id'], value: 'partner-erp' } },
  'queue-lag': { type: 'queue_lag', places: [worker] },
  'slow-code': { type: 'slow_local', places: [business('ProcessService.validate')] },
  'n-plus-one': { type: 'n_plus_one', places: [{ service: 'business-service' }] },
  'slow-grants': { type: 'slow_dependency', places: [{ service: 'auth-service', operation: 'SELECT client_grants' }] },
  'transfer-errors': { type: 'error_origin', places: [{ service: 'external-api', operation: 'legacy.settle' }] },
  'retry-storm': { type: 'retry_storm', types: ['error_origin'], places: settlements },
  'slow-host': { type: 'slow_local', types: ['slow_dependency'], places: [{ service: 'business-service' }], qualifier: { attributes: ['host.name'], value: 'business-2' } },
  'slow-partner': { type: 'slow_local', places: [business('ProcessService.validate')], qualifier: { attributes: ['api.client.id'], value: 'partner-pay' } },
}

/** What the platform sends while it is well and then is not, one export request a line; `began` in µs since the epoch. */
async function record(fault: FaultName): Promise<{ lines: string[], began: number }> {
  const lines: string[] = []
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    lines.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>(done => receiver.listen(0, '127.0.0.1', done))
  const otlpEndpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const platform = await startPlatform({ port: await sixFreePorts(), rate: 5, otlpEndpoint, env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } })
  try {
    await seconds(past)
    await platform.setFault(fault)
    const began = Date.now() * 1_000
    await seconds(during)
    return { lines, began }
  }
  finally {
    await platform.stop()
    receiver.closeAllConnections()
    receiver.close()
  }
}

const seconds = (count: number) => new Promise(done => setTimeout(done, count * 1_000))

async function judge(fault: FaultName, { lines, began }: { lines: string[], began: number }): Promise<Replayed> {
  if (values.write) {
    mkdirSync(values.write, { recursive: true })
    writeFileSync(join(values.write, `${fault}.jsonl`), lines.map(line => `${line}\n`).join(''))
    writeFileSync(join(values.write, `${fault}.truth.json`), JSON.stringify({ began, truth: truths[fault] }))
  }
  return judgeRevisions(await revisionsOf(lines), { began, truth: truths[fault] })
}

const judged: Replayed[] = []
for (let i = 0; i < names.length; i += Number(values['at-once'])) {
  const group = names.slice(i, i + Number(values['at-once']))
  const recordings = await Promise.all(group.map(record))
  for (const [at, recording] of recordings.entries()) {
    judged.push(await judge(group[at]!, recording))
    console.log(describe(group[at]!, judged.at(-1)!))
  }
}

const share = (is: (one: Replayed) => boolean | undefined) => 100 * judged.filter(is).length / judged.length
printTable('the demo\'s faults, through replay', [
  { name: 'right service first, %', value: share(({ score }) => score?.service), must: 90, atLeast: true },
  { name: 'right place first, %', value: share(({ score }) => score?.place), must: 75, atLeast: true },
  { name: 'right type, %', value: share(({ score }) => score?.type), must: 80, atLeast: true },
])

function describe(fault: FaultName, { detected, named, score, last, confidence, falsePages }: Replayed): string {
  const { type = 'nothing', service = '', operation = '', remote } = last?.culprit ?? {}
  const wrong = Object.entries(score ?? {}).flatMap(([part, isRight]) => (isRight ? [] : [part]))
  return `  ${fault.padEnd(17)} ${score ? wrong.length ? `wrong: ${wrong.join(', ')}` : 'right' : 'not found'}; found after ${detected?.toFixed(0) ?? '–'} s, named after ${named?.toFixed(0) ?? '–'} s: ${type} ${service} ${operation} ${remote ?? ''}${last?.qualifier ? ` only ${last.qualifier.value}` : ''} (${confidence ?? '–'})${falsePages ? `; ${falsePages} pages before` : ''}`
}
