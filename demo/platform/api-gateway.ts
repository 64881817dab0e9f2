import { metrics, trace } from '@opentelemetry/api'
import { urlOf } from './hosts.ts'
import { type Answer, call, type Call, secondPort, Refusal, type Routes, serve } from './service.ts'
import { around, inSpan, log, sleep } from './spans.ts'

const answered = metrics.getMeter('api-gateway').createCounter('api.requests', { description: 'Requests answered, by consumer and class of status' })

interface Forward {
  type: string
  to: string
  service?: string
}

/** Public route to the request's type and the internal one it is handed to. */
const forwards: Record<string, Forward> = {
  'POST /api/v1/process': { type: 'process', to: '/internal/process' },
  'POST /api/v1/payments': { type: 'payment', to: '/internal/payments' },
  'GET /api/v1/payments/{paymentId}': { type: 'payment', to: '/internal/payments/{paymentId}' },
  'POST /api/v1/payments/{paymentId}/cancel': { type: 'payment', to: '/internal/payments/{paymentId}/cancel' },
  'POST /api/v1/orders': { type: 'order', to: '/internal/orders' },
  'GET /api/v1/orders': { type: 'order', to: '/internal/orders' },
  'GET /api/v1/orders/{orderId}': { type: 'order', to: '/internal/orders/{orderId}' },
  'GET /api/v1/orders/{orderId}/receipt': { type: 'order', to: '/internal/orders/{orderId}/receipt' },
  'GET /api/v1/products': { type: 'product', to: '/internal/products' },
  'POST /api/v1/notifications': { type: 'notification', to: '/notifications', service: 'notification-worker' },
  'GET /api/v1/settlements/{date}': { type: 'settlement', to: '/internal/settlements/v1/{date}' },
  'GET /api/v2/settlements/{date}': { type: 'settlement', to: '/internal/settlements/v2/{date}' },
}

const routes: Routes = Object.fromEntries(Object.entries(forwards).map(([route, forward]) => {
  const [method] = route.split(' ') as [string]
  const name = forward.type === 'process' ? 'openapi.process.request' : 'openapi.request'
  return [route, (request: Call) => {
    const server = trace.getActiveSpan()
    return inSpan(name, {}, span => forwardRequest(method, forward, request, (consumer, type) => {
      server?.setAttribute('api.client.id', consumer)
      span.setAttributes({ 'api.client.id': consumer, 'api.request.type': type })
    }))
  }]
}))

serve({
  ...routes,
  'GET /internal/health/deep': async () => {
    const { status } = await call(urlOf('auth-service', '/token/verify'), { body: { token: '' } })
    return { status: status < 500 ? 200 : 503, body: { auth: status < 500 } }
  },
})

async function forwardRequest(method: string, forward: Forward, request: Call, describe: (consumer: string, type: string) => void): Promise<Answer> {
  const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? ''
  const verified = await call(urlOf('auth-service', '/token/verify'), { body: { token } })
  if (verified.status === 401) {
    log('warn', 'request refused: token not valid')
    return { status: 401, body: { error: 'the token is not valid' } }
  }
  if (verified.status !== 200) throw new Refusal(503, 'sign-in is not available', 'AuthUnavailable')

  const consumer = String(verified.body.clientId)
  const type = String(request.body.type ?? forward.type)
  describe(consumer, type)
  await sleep(around(3))

  const path = forward.to.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(request.params[name]!))
  const service = forward.service ?? 'business-service'
  // A second process, such as a version that is tried out, gets half of the calls.
  const port = service === 'business-service' && Math.random() < 0.5 ? secondPort() : undefined
  const { status, body } = await call(urlOf(service, path, port), {
    method,
    headers: { 'x-client-id': consumer },
    ...(method === 'GET' ? {} : { body: request.body }),
  })
  answered.add(1, { 'api.client.id': consumer, 'status.class': `${Math.floor(status / 100)}xx` })
  if (status < 500) {
    log('info', `${type} answered ${status}`, { 'api.client.id': consumer })
    return { status, body }
  }
  log('error', `${type} failed: ${service} answered ${status}`, { 'api.client.id': consumer })
  throw new Refusal(status, `${service} answered ${status}`, 'UpstreamError')
}
