import { z } from 'zod'
import { states } from '../status/state'
import { endpoint, lifecycles, methods } from './endpoint'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

export const endpointSorts = ['worst', 'route', 'requests', 'errors', 'p95', 'consumers', 'lastCall', 'updated'] as const
export type EndpointSort = (typeof endpointSorts)[number]
export const endpointFlags = ['never-seen', 'still-called'] as const

export const listEndpoints = z.strictObject({
  ...timeRange,
  /** Found literally, in any case, in route, names, description, service, team, contact. */
  q: z.string().max(200).optional(),
  service: z.string().max(200).optional(),
  lifecycle: z.enum(lifecycles).optional(),
  method: z.enum(methods).optional(),
  team: z.string().max(80).optional(),
  tag: z.string().max(40).optional(),
  /** Needs `consumers:read`. */
  consumer: z.string().max(200).optional(),
  flag: z.enum(endpointFlags).optional(),
  sort: z.enum(endpointSorts).default('worst'),
  order: z.enum(['asc', 'desc']).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  perPage: z.coerce.number().int().min(1).max(200).default(50),
})
export type ListEndpoints = z.infer<typeof listEndpoints>

const course = z.array(z.number().nullable())

export const listedEndpoint = endpoint.omit({ description: true }).extend({
  /** How it is doing now; null where its traffic belongs to another, or there is none to judge. */
  health: z.enum(states).nullable(),
  /** The reason for it, to be written in the reader's language. */
  reason: z.object({ code: z.string(), params: z.record(z.string(), z.unknown()).optional() }).nullable(),
  /** From which figures on it is in trouble: its own, else its service's, else the product's. p95 in ms. */
  limits: z.object({ latency: z.number(), errorDegraded: z.number() }),
  /** Null where nobody called within the window. */
  live: z.object({
    requests: z.number(),
    failed: z.number(),
    perSecond: z.number(),
    errorRatio: z.number(),
    /** µs. */
    p95: z.number().nullable(),
    /** From the window's start in equal steps; null where nobody called. */
    course: z.object({ perSecond: course, errorRatio: course, p95: course }),
    /** How many called; null without `consumers:read`. */
    consumers: z.int().nullable(),
  }).nullable(),
  lastCall: z.iso.datetime().nullable(),
  neverSeen: z.boolean(),
  /** Deprecated or retired, and called within the window all the same; by whom with `consumers:read`. */
  stillCalled: z.object({ consumers: z.array(z.string()).nullable() }).nullable(),
})
export type ListedEndpoint = z.infer<typeof listedEndpoint>

export const listedEndpoints = z.object({
  endpoints: z.array(listedEndpoint),
  /** Matching ones on all pages. */
  total: z.int(),
  page: z.int(),
  perPage: z.int(),
  /** Over all pages; a route counts once, whoever shares it. */
  sum: z.object({ requests: z.number(), failed: z.number(), perSecond: z.number(), errorRatio: z.number().nullable() }),
  /** What the filters can be set to. */
  choices: z.object({ services: z.array(z.string()), teams: z.array(z.string()), tags: z.array(z.string()), consumers: z.array(z.string()) }),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})
export type ListedEndpoints = z.infer<typeof listedEndpoints>

const route = { service: z.string(), method: z.string(), routeKey: z.string() }

export const unregisteredShows = ['open', 'inner', 'ignored'] as const
/** `open`: of the services that publish endpoints; `inner`: of the others, which are called by their like. */
export const listUnregistered = z.strictObject({ service: z.string().max(200).optional(), show: z.enum(unregisteredShows).default('open') })
export const unregisteredRoute = z.object({
  ...route,
  /** For the form; the names are a guess. */
  template: z.string(),
  samplePath: z.string().nullable(),
  requests: z.number(),
  /** The one with most requests, and how many others; null without `consumers:read`. */
  consumers: z.array(z.string()).nullable(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  ignored: z.object({ by: z.string(), at: z.iso.datetime() }).nullable(),
})
export type UnregisteredRoute = z.infer<typeof unregisteredRoute>
export const unregisteredRoutes = z.object({
  routes: z.array(unregisteredRoute),
  /** How many of each there are. */
  counts: z.object({ open: z.int(), inner: z.int(), ignored: z.int() }),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})

export const ignoreRoute = z.strictObject({
  service: z.string().min(1).max(200).toLowerCase(), method: z.string().min(1).max(20), routeKey: z.string().min(1).max(512),
  /** False takes it back. */
  ignored: z.boolean().default(true),
})

export const previewQuery = z.strictObject({
  service: z.string().max(200).toLowerCase().default(''),
  method: z.enum(methods).default('GET'),
  template: z.string().max(600).default(''),
  /** The endpoint that is being edited: it does not collide with itself. */
  except: z.uuid().optional(),
})
export type PreviewQuery = z.infer<typeof previewQuery>

export const nearReasons = ['same-route', 'method', 'longer', 'shorter', 'text', 'wider', 'narrower'] as const
export const preview = z.object({
  routeKey: z.string(),
  problem: z.string().nullable(),
  /** What the form may propose. */
  teams: z.array(z.string()),
  /** Live on the same route: this one can only be a draft. */
  holder: endpoint.nullable(),
  /** The nearest others of the service, and why they do not collide. */
  near: z.array(z.object({
    endpoint: endpoint.pick({ id: true, method: true, template: true, lifecycle: true }),
    reason: z.enum(nearReasons),
    /** How many segments, for longer and shorter. */
    by: z.int(),
  })),
  traffic: z.object({
    requests: z.number(),
    perSecond: z.number(),
    errorRatio: z.number().nullable(),
    p95: z.number().nullable(),
    /** Requests by hour, oldest first. */
    hours: z.array(z.number()),
    consumers: z.array(z.string()).nullable(),
    consumerCount: z.int().nullable(),
    firstSeen: z.iso.datetime().nullable(),
    /** Real paths that this template takes, the newest first; what varies is marked. */
    paths: z.array(z.object({ parts: z.array(z.object({ text: z.string(), variable: z.boolean() })), lastSeen: z.iso.datetime() })),
  }),
  window: answeredWindow,
  population,
  warnings: z.array(sourceWarning),
})
export type Preview = z.infer<typeof preview>
