import http from 'node:http'
import { context, propagation, SpanKind } from '@opentelemetry/api'
import { urlOf } from './hosts.ts'
import { inSpan } from './spans.ts'

export interface Message {
  id: string
  destination: string
  /** The trace context of the producer, carried across the hop. */
  headers: Record<string, string>
  body: Record<string, unknown>
  sentAt: number
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })

/** Puts a message into the queue and waits until the queue has it. */
export function publish(destination: string, body: Record<string, unknown>): Promise<void> {
  const id = crypto.randomUUID()
  return inSpan(`publish ${destination}`, {
    kind: SpanKind.PRODUCER,
    attributes: {
      'messaging.system': 'simple-queue',
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'publish',
      'messaging.destination.name': destination,
      'messaging.message.id': id,
      'server.address': 'simple-queue',
    },
  }, async () => {
    const headers: Record<string, string> = {}
    propagation.inject(context.active(), headers)
    await post(`/queue/${destination}`, JSON.stringify({ id, destination, headers, body, sentAt: Date.now() } satisfies Message))
  })
}

function post(path: string, payload: string): Promise<void> {
  return new Promise((done, fail) => {
    const request = http.request(urlOf('notification-worker', path), { method: 'POST', agent, timeout: 10_000, headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume().on('end', () => response.statusCode === 202 ? done() : fail(new Error(`The queue answered ${response.statusCode}.`))).on('error', fail)
    })
    request.on('timeout', () => request.destroy(new Error('The queue did not answer.')))
    request.on('error', fail)
    request.end(payload)
  })
}
