import { z } from 'zod'
import { change } from './change'
import { pathPart } from './endpoint-analysis'
import { incidentMark } from './incident'
import { levels, red, standing, state, trend, usual } from './red'
import { serviceParams } from './service'
import { boardEndpoint, boardService } from './status'
import { answeredWindow, population, sourceWarning, timeRange } from './time-range'

export const serviceAnalysisParams = serviceParams
export const serviceAnalysisQuery = z.strictObject(timeRange)

/** Requests a service receives, by method and route. */
export const serviceOperation = z.object({
  method: z.string(),
  /** As registered, else its route key. */
  route: z.string(),
  endpointId: z.string().nullable(),
  ...red.shape,
  usual,
  levels,
  /** Of the time this service spent on requests: rate times mean, 0 to 1. */
  share: z.number(),
})
export type ServiceOperation = z.infer<typeof serviceOperation>

/** What it does besides: its own sections and its calls. */
export const innerOperation = z.object({
  operation: z.string(),
  kind: z.enum(['internal', 'client', 'producer']),
  remote: z.string(),
  ...red.shape,
})

/** One direction of the map, measured where the call is made. */
export const dependency = z.object({
  name: z.string(),
  kind: z.enum(['service', 'database', 'messaging', 'address']),
  /** Of the palette, for services. */
  colour: z.int().nullable(),
  state,
  ...red.shape,
  usual,
  levels,
  /** The callee's own figures say nothing: it sends none. */
  silent: z.boolean(),
})
export type Dependency = z.infer<typeof dependency>

/** A registered endpoint whose requests pass the service, or that the service answers itself. */
export const passingEndpoint = boardEndpoint.extend({
  /** The service's own work on the critical path of these requests, and the traces it rests on; null: none in the sample. Only for those who may read traces. */
  part: pathPart.pick({ micros: true, share: true }).extend({ traces: z.int() }).nullable().optional(),
})
export type PassingEndpoint = z.infer<typeof passingEndpoint>

export const errorGroup = z.object({
  errorType: z.string(),
  message: z.string(),
  /** Whose spans say it; the first is the one that says it most. */
  operations: z.array(z.string()),
  /** Failing spans of that one: about as many as requests. */
  count: z.number(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  traceId: z.string(),
  /** The last 60 minutes. */
  trend: z.array(z.number()),
})
export type SentErrorGroup = z.infer<typeof errorGroup>

export const serviceAnalysis = z.object({
  name: z.string(),
  colour: z.int(),
  at: z.iso.datetime(),
  window: answeredWindow,
  population,
  ...standing.shape,
  limits: z.object({ latency: z.number(), errorDegraded: z.number(), errorCritical: z.number() }),
  ownerTeam: z.string(),
  version: z.string().nullable(),
  instances: z.int().nullable(),
  lastChange: change.nullable(),
  /** Open ones that it disturbs or is disturbed by. */
  incidents: z.array(incidentMark),
  red,
  usual,
  levels,
  trend,
  onset: boardService.shape.onset,
  states: z.string(),
  operations: z.array(serviceOperation),
  inner: z.array(innerOperation),
  callers: z.array(dependency),
  callees: z.array(dependency),
  /** Those in trouble first. Who may not read traces sees only those the service answers itself. */
  endpoints: z.array(passingEndpoint),
  /** The sample the others were found in; null where the source failed. Only for those who may read traces. */
  passing: z.object({ traces: z.int(), population }).nullable().optional(),
  /** Only for those who may read traces. */
  /** Null where the source of metrics keeps no messages. */
  errors: z.array(errorGroup).nullable().optional(),
  warnings: z.array(sourceWarning),
}).meta({ id: 'ServiceAnalysis' })
export type ServiceAnalysis = z.infer<typeof serviceAnalysis>
