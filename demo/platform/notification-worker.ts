import { context, metrics, propagation, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import { urlOf } from './hosts.ts'
import type { Message } from './queue.ts'
import { publish } from './queue.ts'
import { call, isOn, Refusal, serve } from './service.ts'
import { around, inSpan, log, logError, sleep } from './spans.ts'

/** The queue and its one consumer group. Nothing here is durable; a broker would be. */
const waiting: Message[] = []
const capacity = 5_000
const usualPoll = 100
const laggingPoll = 30_000

const meter = metrics.getMeter('notification-worker')
meter.createObservableGauge('queue.depth', { description: 'Messages that wait' }).addCallback(result => result.observe(waiting.length))
meter.createObservableGauge('queue.oldest.age', { unit: 's', description: 'How long the oldest message has waited' })
  .addCallback(result => result.observe(waiting[0] ? (Date.now() - waiting[0].sentAt) / 1_000 : 0))
const sent = meter.createCounter('notifications.sent', { description: 'Notifications handed to the push gateway' })

serve({
  'POST /queue/{destination}': ({ body }) => {
    if (waiting.length >= capacity) throw new Refusal(503, 'the queue is full', 'QueueFull')
    waiting.push(body as unknown as Message)
    return { status: 202 }
  },
  'POST /notifications': async ({ body }) => {
    await sleep(around(6))
    await publish('notification.requested', { to: body.to, template: body.template })
    return { status: 202, body: { accepted: true } }
  },
})

const work = new Set<Promise<void>>()
let lastPoll = 0
setInterval(() => {
  if (Date.now() - lastPoll < (isOn('queue-lag') ? laggingPoll : usualPoll)) return
  lastPoll = Date.now()
  while (waiting.length > 0 && work.size < 64) {
    const handling = handle(waiting.shift()!).finally(() => work.delete(handling))
    work.add(handling)
  }
}, usualPoll)

async function handle(message: Message): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, message.headers)
  await context.with(parent, () => inSpan(`process ${message.destination}`, {
    kind: SpanKind.CONSUMER,
    attributes: {
      'messaging.system': 'simple-queue',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': message.destination,
      'messaging.consumer.group.name': 'notifications',
      'messaging.message.id': message.id,
    },
  }, () => deliver(message).catch((error: Error) => {
    logError('notification failed', error, { 'messaging.message.id': message.id })
    throw error
  }))).catch(() => {})
}

async function deliver(message: Message): Promise<void> {
  await inSpan('render template', { attributes: { template: String(message.body.template ?? message.destination) } }, () => sleep(around(14)))
  const { status } = await call(urlOf('push-gateway', '/push'), { body: { id: message.id } })
  if (status !== 202) throw new Error(`the push gateway answered ${status}`)
  sent.add(1, { 'messaging.destination.name': message.destination })
  log('info', `notification sent, ${message.destination}, waited ${Date.now() - message.sentAt} ms`)
}
