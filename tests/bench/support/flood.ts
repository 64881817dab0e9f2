import { parentPort, workerData } from 'node:worker_threads'
import { batch, send } from './platform-batch.ts'

/** Sends about `perSecond` spans a second until told to stop: on a thread of its own, or whoever measures would wait for it. */
const { app, perSecond } = workerData as { app: { otlp: string, key: string }, perSecond: number }
let sent = 0
let running = true
parentPort!.once('message', () => running = false)
const started = performance.now()
while (running) {
  const { body, spans } = batch(12, 42)
  if (await send(app, body)) sent += spans
  const ahead = sent / perSecond * 1_000 - (performance.now() - started)
  await new Promise(wait => setTimeout(wait, Math.max(0, ahead)))
}
parentPort!.postMessage(sent / ((performance.now() - started) / 1_000))
