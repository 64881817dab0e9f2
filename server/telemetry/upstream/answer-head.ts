import type { Dispatcher } from 'undici'
import { SECOND, type Millis } from '#shared/units'
import { WrongContent } from './body'

/** A login page is no answer, whatever its status says. */
export function needJson({ headers }: Dispatcher.ResponseData): void {
  const type = String(headers['content-type'] ?? '')
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) throw new WrongContent(`content type ${type.slice(0, 100)}`)
}

export function encodingOf({ headers }: Dispatcher.ResponseData): string | undefined {
  return headers['content-encoding']?.toString().trim().toLowerCase()
}

/** The header counts whole seconds, so less than two say nothing. */
export function clockDifference({ headers }: Dispatcher.ResponseData, now: Date): Millis | undefined {
  const at = Date.parse(String(headers.date))
  if (Number.isNaN(at)) return undefined
  const ahead = at + 500 - now.getTime()
  return Math.abs(ahead) < 2 * SECOND ? 0 : Math.round(ahead / SECOND) * SECOND
}

/** Seconds, where the backend says for how long it wants to be left alone. */
export function retryAfter({ headers }: Dispatcher.ResponseData): number | undefined {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** What is left of a small body is read, so that its connection can be used again; a large one costs the connection. */
export function drop({ body }: Dispatcher.ResponseData, signal: AbortSignal): void {
  if (body.readableEnded || body.destroyed) return
  body.on('error', () => {})
  body.dump({ limit: 64 * 1024, signal }).catch(() => {})
}
