import { defineEventHandler, type EventHandler, type EventHandlerRequest, type H3Event } from 'h3'
import type { z } from 'zod'
import { anonymous, type Actor, type DisplayActor, type KeyActor, type UserActor } from '#server/access/access'
import type { Services } from '#server/services'
import { withPatience } from '#server/patience'
import { AppError } from '#shared/errors'
import type { Requirement } from '#shared/permissions'
import type { IngestScope } from '#shared/schemas/ingest-scope'
import { RawAnswer } from './answer'
import { authorise, identify, identifyReader, recordIfRefused } from './authorise'
import { isExactly, isFromOurselves } from './cross-site'
import { asAppError, toProblem } from './problem'
import { hasBody, readJsonBody } from './read-json-body'
import { createRequestContext, withRequest, type RequestContext } from './request-context'
import { recordRequest, type RequestNotes } from './request-log'
import { renewSession } from './session'
import { readParams, readQuery, strict, validate } from './validate'
import { writeAnswer, writeProblem } from './write-answer'

type ActorFor<P extends Requirement>
  = P extends 'public' ? Actor
    : P extends 'machine' ? KeyActor
      : P extends 'status:read' | 'incidents:read' ? UserActor | DisplayActor
        : UserActor
type Answer<R extends z.ZodType> = z.input<R> | RawAnswer

export interface ApiContext<P extends Requirement = Requirement, Params = unknown, Query = unknown, Body = unknown> {
  params: Params
  query: Query
  body: Body
  actor: ActorFor<P>
  services: Services
  request: RequestContext
  /** Ends when the caller goes away. */
  signal: AbortSignal
  /** For answers that last: who is asking, by the rights of this moment. */
  currentActor: () => Actor
  event: H3Event
}

export interface ApiDeclaration<
  P extends Requirement = Requirement,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  permission: P
  /** What a `machine` must be allowed to send. */
  scope?: IngestScope
  /** `signedIn`, and screens on a wall too. */
  displays?: boolean
  params?: Params
  query?: Query
  body?: Body
  /** What browsers send of themselves is not `application/json`. */
  contentType?: 'application/json' | 'application/csp-report'
  /** The exact view that is sent: what it does not name stays here. Without one the route answers nothing, or raw. */
  response?: Response
  status?: number
  /** How long whoever asks for this by itself waits for what comes from elsewhere, ms; a page that is being written waits no longer for it than for anything. */
  patience?: number
  handle: (context: ApiContext<P, z.output<Params>, z.output<Query>, z.output<Body>>) => Answer<Response> | Promise<Answer<Response>>
}

/** A route as the server asks it of itself. */
export interface Asked {
  /** Template of the route. */
  route: string
  /** With its query, as it would stand in a request. */
  path: string
  params?: Record<string, string>
}

/**
 * The one way to answer under /api. A route says who may ask and what they may send; who is asking, whether it is well
 * formed, how errors look and what is written down happens here, alike for all.
 */
export function defineApiHandler<
  const P extends Requirement,
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
>(declaration: ApiDeclaration<P, Params, Query, Body, Response>) {
  const schemas = {
    params: declaration.params && strict(declaration.params),
    query: declaration.query && strict(declaration.query),
    body: declaration.body && strict(declaration.body),
  }

  async function answer(event: H3Event, services: Services, request: RequestContext, actor: Actor, { params, path }: Pick<Asked, 'params' | 'path'>) {
    authorise(declaration, actor, services)
    if (!isReading(request)) refuseForeign(event, services, actor, declaration)
    const sent = validate([
      { where: 'params', schema: schemas.params, value: readParams(params) },
      { where: 'query', schema: schemas.query, value: readQuery(path) },
      { where: 'body', schema: schemas.body, value: schemas.body && await readJsonBody(event.node.req) },
    ])
    const result = await declaration.handle({
      ...sent as { params: z.output<Params>, query: z.output<Query>, body: z.output<Body> },
      actor: actor as ActorFor<P>,
      services, request, event,
      // Few routes ask for it, and it costs a listener and an error a request.
      get signal() { return endOf(event) },
      currentActor: () => identify(event, services, declaration.permission),
    })
    if (result === undefined || result instanceof RawAnswer) return result
    if (!declaration.response) throw new TypeError('a route that answers JSON declares its response')
    return viewOf(declaration.response, result)
  }

  const views = new WeakMap<object, z.output<Response>>()

  /** What many share (it is frozen) is made into a view once, and the view is shared in turn. */
  function viewOf(response: Response, result: unknown): z.output<Response> {
    if (typeof result !== 'object' || result === null || !Object.isFrozen(result)) return response.parse(result)
    const known = views.get(result)
    if (known !== undefined) return known
    const view = response.parse(result)
    Object.freeze(view)
    views.set(result, view)
    return view
  }

  const handler = defineEventHandler(async (event) => {
    const services: Services = event.context.services
    const started = services.clock.monotonic()
    const notes: RequestNotes = {}
    let actor: Actor = anonymous
    let failure: AppError | undefined
    try {
      actor = identify(event, services, declaration.permission)
    }
    catch (error) {
      failure = asAppError(error)
    }
    const request = createRequestContext(event, services, actor, notes)
    request.setHeader('cache-control', 'no-store')
    request.setHeader('x-request-id', request.id)
    try {
      if (failure) throw failure
      actor = withRequest(renewSession(event, services, request, actor), request)
      const work = () => answer(event, services, request, actor, { params: event.context.params, path: event.path })
      await writeAnswer(event, await (isReading(request) ? withPatience({ clock: services.clock, until: started + (declaration.patience ?? readPatience) }, work) : work()), declaration.status)
    }
    catch (error) {
      failure = asAppError(error)
      recordIfRefused(failure, declaration, actor, services, request)
      writeProblem(event, failure, request)
    }
    recordRequest({ request, status: event.node.res.statusCode, actor, failure, notes, milliseconds: services.clock.monotonic() - started })
  })

  /**
   * The same for a page that is being written: who asks is who asked for the page, no request is made and nothing is
   * put into bytes. Throws what a fetch of the route would.
   */
  async function ask(event: H3Event, { route, path, params }: Asked): Promise<z.output<Response> | undefined> {
    const services: Services = event.context.services
    const started = services.clock.monotonic()
    const notes: RequestNotes = {}
    const actor = identifyReader(event, services)
    const request = { ...createRequestContext(event, services, actor, notes), method: 'GET', route, address: undefined, setHeader: () => undefined }
    let failure: AppError | undefined
    try {
      const result = await withPatience({ clock: services.clock, until: patienceOf(event, started) }, () => answer(event, services, request, actor, { params, path }))
      if (result instanceof RawAnswer) throw new TypeError(`${route} answers bytes: no page can be written with them`)
      return result as z.output<Response> | undefined
    }
    catch (error) {
      failure = asAppError(error)
      recordIfRefused(failure, declaration, actor, services, request)
      throw Object.assign(new Error(failure.code, { cause: failure }), { status: failure.status, statusCode: failure.status, data: toProblem(failure, request.id, request) })
    }
    finally {
      recordRequest({ request, status: failure?.status ?? 200, actor, failure, notes, milliseconds: services.clock.monotonic() - started })
    }
  }

  return Object.assign(handler as unknown as EventHandler<EventHandlerRequest, Promise<z.output<Response>>>, {
    declaration: declaration as unknown as ApiDeclaration,
    ask,
  })
}

function refuseForeign(event: H3Event, { config }: Services, actor: Actor, { body, contentType = 'application/json' }: { body?: unknown, contentType?: string }) {
  const { headers } = event.node.req
  const fetchSite = headers['sec-fetch-site'] as string | undefined
  if (!isFromOurselves({ fetchSite, origin: headers.origin, ours: config.origin, byCookie: actor.kind === 'user' && headers.authorization === undefined })) throw new AppError('request.cross_site')
  const sent = headers['content-type']
  if ((body || hasBody(event.node.req) || sent !== undefined) && !isExactly(contentType, sent)) throw new AppError('request.unsupported_media_type')
}

function isReading({ method }: { method: string }): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Ends what is asked for someone who has gone away: no fault of ours, and no line about one. */
function endOf(event: H3Event): AbortSignal {
  const controller = new AbortController()
  event.node.res.once('close', () => controller.abort(new AppError('request.abandoned')))
  return controller.signal
}

/** Whoever reads waits so long in all for what may be left out, however many questions it takes one after the other, ms. */
const readPatience = 5_000
/** A page that is being written waits so long in all for what comes from elsewhere, ms. */
const pagePatience = 1_000
const patience = new WeakMap<H3Event, number>()

/** Until when, by the monotonic clock; counted from the page's first question. */
function patienceOf(page: H3Event, now: number): number {
  const until = patience.get(page) ?? now + pagePatience
  patience.set(page, until)
  return until
}
