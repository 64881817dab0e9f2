import { setTimeout as wait } from 'node:timers/promises'
import type { AppApi } from './app-api.ts'

const patience = 15_000

/** Waits until whoever is to receive takes an export that holds nothing: our own receiver the key that was just made, or a Collector. */
export async function waitForReceiver(endpoint: string, ingestKey: string | undefined, signal: AbortSignal): Promise<void> {
  const until = Date.now() + patience
  let answer = ''
  while (Date.now() < until) {
    signal.throwIfAborted()
    try {
      const response = await fetch(`${endpoint}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(ingestKey && { 'x-ingest-key': ingestKey }) },
        body: '{}',
        signal: AbortSignal.timeout(2_000),
      })
      await response.arrayBuffer()
      if (response.ok) return
      answer = `it answers ${response.status}`
    }
    catch (error) {
      answer = (error as Error).message
    }
    await wait(200)
  }
  throw new Error(`What listens at ${endpoint} takes no OTLP over HTTP: ${answer}.`)
}

/** Waits until the app shows a request that the platform answered since. */
export async function waitForFirstTrace(api: AppApi, since: Date, signal: AbortSignal): Promise<void> {
  const until = Date.now() + 2 * patience
  let answer = 'no trace of it'
  while (Date.now() < until) {
    signal.throwIfAborted()
    const window = `from=${since.toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`
    try {
      const { traces } = await api.get<{ traces: unknown[] }>(`/api/traces?service=api-gateway&${window}&limit=1`)
      if (traces.length > 0) return
    }
    catch (error) {
      answer = (error as Error).message
    }
    await wait(500)
  }
  throw new Error(`The platform runs and sends, but the app shows after ${2 * patience / 1_000} s: ${answer}.`)
}
