import { isOn, Refusal, serve } from './service.ts'
import { around, inSpan, log, sleep } from './spans.ts'

// This one does not say which route a request took: only its path is there to match by.
const server = serve({
  'POST /external/process': ({ body }) => inSpan('legacy.settle', { attributes: { 'settle.type': String(body.type ?? '') } }, async () => {
    const slow = isOn('external-timeout') && Math.random() < 0.66
    log('info', `external settle accepted, queue=${slow ? 38 + Math.round(Math.random() * 9) : Math.round(Math.random() * 4)}`)
    if (isOn('transfer-errors') && body.type === 'transfer') throw new Error('no ledger for transfers')
    await sleep(slow ? 9_000 + Math.random() * 4_000 : around(140, 0.28))
    if (isOn('retry-storm') && Math.random() < 0.8) throw new Refusal(503, 'too many settlements at once', 'Overloaded')
    return { status: 200, body: { status: 'SETTLED', reference: crypto.randomUUID() } }
  }),
  'GET /external/settlements/{date}': ({ params }) => inSpan('legacy.report', {}, async () => {
    await sleep(around(110, 0.25))
    return { status: 200, body: { date: params.date, total: 48_200_000 } }
  }),
}, { namesRoutes: false })

// A caller that gives up closes its side only: the work goes on, as in a server that is not told.
Object.assign(server, { httpAllowHalfOpen: true })
