import { metrics, trace } from '@opentelemetry/api'
import { callExternal, TimeoutError } from './external-client.ts'
import { publish } from './queue.ts'
import { type Call, isOn, Refusal, serve } from './service.ts'
import { around, inSpan, log, logError, query, redis, sleep } from './spans.ts'

const meter = metrics.getMeter('business-service')
const ordersCreated = meter.createCounter('orders.created', { description: 'Orders that were accepted' })
const hits = meter.createCounter('products.cache.hits')
const misses = meter.createCounter('products.cache.misses')

/** The version whose new payment code stumbles over cards without an issuer. */
const isBroken = process.env.SERVICE_VERSION === '2.9.0'

serve({
  'POST /internal/process': process_,
  'POST /internal/payments': createPayment,
  'POST /internal/payments/{paymentId}/cancel': async () => {
    await query('SELECT payments', around(9), 'SELECT * FROM payments WHERE id = ? FOR UPDATE')
    await query('UPDATE payments', around(12), 'UPDATE payments SET status = ? WHERE id = ?')
    await publish('payment.cancelled', {})
    return { status: 200, body: { status: 'CANCELLED' } }
  },
  'GET /internal/payments/{paymentId}': async ({ params }) => {
    await query('SELECT payments', around(22), 'SELECT * FROM payments WHERE id = ?')
    if (Math.random() < 0.01) return { status: 404, body: { error: `no payment ${params.paymentId}` } }
    return { status: 200, body: { id: params.paymentId, status: 'APPROVED' } }
  },
  'POST /internal/orders': createOrder,
  'GET /internal/orders': async () => {
    await selectOrders('SELECT * FROM orders WHERE client_id = ? ORDER BY created_at DESC LIMIT 20')
    if (isOn('n-plus-one')) await selectItemsOneByOne(1 + Math.floor(Math.random() * 20))
    else await query('SELECT order_items', around(11), 'SELECT * FROM order_items WHERE order_id IN (?)')
    return { status: 200, body: { orders: [] } }
  },
  'GET /internal/orders/{orderId}': async ({ params }) => {
    await selectOrders('SELECT * FROM orders WHERE order_no = ?')
    if (Math.random() < 0.012) return { status: 404, body: { error: `no order ${params.orderId}` } }
    await query('SELECT order_items', around(13), 'SELECT * FROM order_items WHERE order_id = ?')
    return { status: 200, body: { id: params.orderId, status: 'PAID' } }
  },
  'GET /internal/orders/{orderId}/receipt': async ({ params }) => {
    await query('SELECT receipts', around(31), 'SELECT * FROM receipts WHERE order_id = ?')
    await inSpan('render receipt', {}, () => sleep(around(40)))
    return { status: 200, body: { id: params.orderId } }
  },
  'GET /internal/products': async () => {
    const isCached = await redis('GET', 'products:page', async (span) => {
      await sleep(around(1.8))
      const found = Math.random() < 0.86
      span.setAttribute('db.response.returned_rows', found ? 1 : 0)
      return found
    })
    ;(isCached ? hits : misses).add(1)
    if (!isCached) await query('SELECT products', around(38), 'SELECT * FROM products WHERE visible = 1 ORDER BY rank LIMIT 50')
    await sleep(around(6))
    return { status: 200, body: { products: [] } }
  },
  'GET /internal/settlements/v1/{date}': call => settlement(call, 1),
  'GET /internal/settlements/v2/{date}': call => settlement(call, 2),
})

async function process_({ body, headers }: Call) {
  const consumer = { 'api.client.id': String(headers['x-client-id'] ?? ''), 'api.request.type': String(body.type ?? '') }
  trace.getActiveSpan()?.setAttributes(consumer)
  await inSpan('ProcessService.validate', {}, () => sleep(around(validation(consumer['api.client.id']))))
  // Mapping and locking, which nobody wrote a span for.
  await sleep(around(120, 0.2))
  const lines = 8 + Math.floor(Math.random() * 7)
  for (let line = 0; line < lines; line += 1) await query('SELECT order_items', around(17, 0.4), 'SELECT * FROM order_items WHERE order_id = ? AND line = ?')

  try {
    const answer = await inSpan('external.api.call', { attributes: { ...consumer, 'external.endpoint': '/external/process' } }, span => settle(consumer, (status) => {
      span.setAttribute('external.response.status', status)
    }))
    await publish('process.completed', { client: consumer['api.client.id'] })
    return { status: 200, body: answer }
  }
  catch (error) {
    await publish('process.failed', { client: consumer['api.client.id'] }).catch(failure => logError('publish failed', failure as Error))
    throw new Refusal(502, (error as Error).message, (error as Error).name)
  }
}

/** How long it takes, in milliseconds. */
function validation(consumer: string): number {
  if (isOn('slow-code')) return 460
  return isOn('slow-partner') && consumer === 'partner-pay' ? 2_500 : 12
}

async function settle(consumer: Record<string, string>, sawStatus: (status: number) => void) {
  // Configuration changes that go with the faults.
  const timeout = isOn('external-timeout') ? 8_000 : 3_000
  const retries = isOn('retry-storm') ? 5 : 0
  for (let retry = 1; ; retry += 1) {
    const { status, body } = await callExternal({ method: 'POST', path: '/external/process', body: { type: consumer['api.request.type'] }, timeout, attributes: consumer })
    sawStatus(status)
    if (status === 200) return body
    if (retry > retries) throw new Error(`external-api answered ${status}`)
    log('warn', `external-api answered ${status}, asking again, retry=${retry}`)
  }
}

async function createPayment({ body }: Call) {
  await inSpan('PaymentService.authorize', { attributes: { 'payment.method': String(body.method ?? 'card') } }, async () => {
    await query('SELECT cards', around(14), 'SELECT * FROM cards WHERE token = ?')
    const card = isBroken && Math.random() < 0.7 ? undefined : { issuer: 'KB' }
    // What 2.9.0 forgot: a card may come without an issuer.
    const issuer = isBroken ? (card as { issuer: string }).issuer : card?.issuer
    await sleep(around(210, 0.35))
    log('info', `card authorised, issuer=${issuer}`)
  })
  await query('INSERT payments', around(18), 'INSERT INTO payments (id, order_id, amount, status) VALUES (?, ?, ?, ?)')
  await publish('payment.approved', {})
  return { status: 201, body: { id: `pay_${crypto.randomUUID().slice(0, 8)}`, status: 'APPROVED' } }
}

async function createOrder({ body }: Call) {
  await inSpan('OrderService.price', { attributes: { 'order.currency': String(body.currency ?? 'KRW') } }, async () => {
    await sleep(around(22))
    // Formats what the consumer sent without checking it: an unknown currency code throws here.
    new Intl.NumberFormat('ko-KR', { style: 'currency', currency: String(body.currency ?? 'KRW') }).format(Number(body.amount ?? 0))
  })
  await query('INSERT orders', around(24), 'INSERT INTO orders (order_no, client_id, amount, currency) VALUES (?, ?, ?, ?)')
  for (let line = 0; line < 3; line += 1) await query('INSERT order_items', around(12), 'INSERT INTO order_items (order_id, sku, quantity) VALUES (?, ?, ?)')
  ordersCreated.add(1)
  await publish('order.created', {})
  return { status: 201, body: { id: String(40_000 + Math.floor(Math.random() * 9_999)) } }
}

/** The query that loses its index while `slow-query` is on: it reads the whole table then. */
async function selectOrders(text: string) {
  const isSlow = isOn('slow-query')
  await query('SELECT orders', isSlow ? around(2_700, 0.18) : around(28), text)
  if (isSlow) log('warn', 'slow query: SELECT orders, rows_examined=4812330')
}

async function selectItemsOneByOne(orders: number) {
  for (let order = 0; order < orders; order += 1) await query('SELECT order_items', around(16), 'SELECT * FROM order_items WHERE order_id = ?')
}

async function settlement({ params }: Call, version: 1 | 2) {
  await query('SELECT settlements', around(64), 'SELECT * FROM settlements WHERE settled_on = ?')
  const date = params.date!
  try {
    await callExternal({ method: 'GET', path: `/external/settlements/${date}`, timeout: 3_000 })
  }
  catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    throw new Refusal(502, error.message, error.name)
  }
  return { status: 200, body: { date, version } }
}
