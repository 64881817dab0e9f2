import { randomUUID } from 'node:crypto'
import { parseCookies, type H3Event } from 'h3'
import type { Actor } from '#server/access/access'
import type { Services } from '#server/services'
import { readerOf, type RequestReader } from './reader'
import type { RequestNotes } from './request-log'
import { createTrustedAddress } from './trusted-address'

export interface RequestContext extends RequestReader {
  id: string
  method: string
  /** The route's template: what callers typed into the path is not in it. */
  route: string
  /** Undefined where the server asks itself while it renders a page. */
  address: string | undefined
  userAgent: string | undefined
  /** Adds to the request's record in the log. */
  note: (notes: RequestNotes) => void
  setHeader: (name: string, value: string) => void
}

export function createRequestContext(event: H3Event, { config }: Services, actor: Actor, notes: RequestNotes): RequestContext {
  const { req, res } = event.node
  return {
    id: randomUUID(),
    method: event.method,
    route: event.context.matchedRoute?.path ?? '',
    ...readerOf(actor, { acceptLanguage: req.headers['accept-language'], cookies: parseCookies(event) }, config.timeZone),
    address: addressReader(config.trustedProxies)(req.socket?.remoteAddress, req.headers['x-forwarded-for'] as string | undefined),
    userAgent: req.headers['user-agent'],
    note: more => void Object.assign(notes, more),
    setHeader: (name, value) => void res.setHeader(name, value),
  }
}

/** So that the trail can say from where somebody acted. */
export function withRequest<A extends Actor>(actor: A, { id, address, userAgent }: RequestContext): A {
  return actor.kind === 'anonymous' ? actor : { ...actor, cameBy: { requestId: id, address, userAgent } }
}

const readers = new WeakMap<string[], ReturnType<typeof createTrustedAddress>>()

function addressReader(trustedProxies: string[]) {
  let read = readers.get(trustedProxies)
  if (!read) readers.set(trustedProxies, read = createTrustedAddress(trustedProxies))
  return read
}
