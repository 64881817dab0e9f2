import { setTimeout as wait } from 'node:timers/promises'

const patience = 15_000

/** The key was just made: waits until the receiver takes it, with an export that holds nothing. */
export async function waitForReceiver(endpoint: string, ingestKey: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + patience
  let answer = ''
  while (Date.now() < until) {
    signal.throwIfAborted()
    try {
      const response = await fetch(`${endpoint}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-ingest-key': ingestKey },
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
  throw new Error(`The receiver at ${endpoint} takes nothing: ${answer}.`)
}
