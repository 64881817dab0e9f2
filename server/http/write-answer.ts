import type { H3Event } from 'h3'
import type { AppError } from '#shared/errors'
import { RawAnswer } from './answer'
import { problemHeaders, toProblem } from './problem'
import type { RequestContext } from './request-context'

export async function writeAnswer(event: H3Event, result: unknown, status?: number): Promise<void> {
  const { req, res } = event.node
  if (status) res.statusCode = status
  if (result instanceof RawAnswer) {
    // h3 would answer for us once the handler is done.
    Object.assign(event, { _handled: true })
    await result.write(res, req)
  }
  else if (result === undefined) {
    if (!status) res.statusCode = 204
    res.end()
  }
  else {
    send(event, 'application/json', result)
  }
}

export function writeProblem(event: H3Event, error: AppError, request: Pick<RequestContext, 'id' | 'language' | 'zone'>): void {
  const { res } = event.node
  // Half an answer cannot become a problem any more: the caller sees it break off.
  if (res.headersSent) return void res.destroy()
  res.statusCode = error.status
  res.setHeader('content-language', request.language)
  for (const [name, value] of Object.entries(problemHeaders(error))) res.setHeader(name, value)
  send(event, 'application/problem+json', toProblem(error, request.id, request))
}

const written = new WeakMap<object, Buffer>()

function send(event: H3Event, type: string, value: unknown) {
  const body = bytesOf(value)
  event.node.res.setHeader('content-type', type)
  event.node.res.setHeader('content-length', body.byteLength)
  event.node.res.end(body)
}

/** What many share (it is frozen) is written once. */
function bytesOf(value: unknown): Buffer {
  const shared = typeof value === 'object' && value !== null && Object.isFrozen(value)
  const known = shared ? written.get(value) : undefined
  if (known) return known
  const bytes = Buffer.from(JSON.stringify(value))
  if (shared) written.set(value, bytes)
  return bytes
}
