import { createHmac } from 'node:crypto'
import type { Content, Told } from './content'

/** What signs, newest first; both sign while one takes the place of the other. */
export type Secrets = readonly string[]

const prefix = 'whsec_'

/** Signature as Standard Webhooks has it: over id, seconds and body, one for each secret. */
function signatureOf({ id, timestamp, body }: { id: string, timestamp: number, body: string }, secrets: Secrets): string {
  return secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  }).join(' ')
}

export function webhookHeaders({ id, body, at, secrets }: { id: string, body: string, at: Date, secrets: Secrets }): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000)
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatureOf({ id, timestamp, body }, secrets) }
}

/** One form for one and for several: `notices` always is a list. */
export function webhookBody(content: Content, environment: string): string {
  const [first] = content.told
  return JSON.stringify({
    type: content.summary !== undefined || !first ? 'incidents.joined' : first.event === 'test' ? 'test' : `incident.${first.event}`,
    environment,
    subject: content.subject,
    notices: content.told.map(noticeOf),
    more: content.more,
  })
}

function noticeOf({ event, severity, incident, title, facts, services, endpoints, consumers, url, at }: Told) {
  return { event, severity, incident: incident && { ...incident, url }, title, facts, services, endpoints, consumers, at: at.toISOString() }
}
