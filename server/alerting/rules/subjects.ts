import type { RegisteredRoute } from '#server/registry/registry'
import type { RequestsDimension } from '#server/telemetry/ports'
import { isLive } from '#shared/registry/lifecycle'
import type { Target } from '#shared/schemas/alert-rule'
import type { AlertSubject } from '../alert'
import { keyOf } from '../rule'

/** What figures are grouped by; a rule has one of these, or asks a query of its own. */
export type Grouping = Exclude<Target['kind'], 'series'>

export const dimensions: Record<Grouping, RequestsDimension[]> = {
  service: ['service'],
  endpoint: ['service', 'method', 'routeKey'],
  consumer: ['service', 'consumer'],
}

export interface RuleRegister {
  endpoints: () => readonly Pick<RegisteredRoute, 'id' | 'service' | 'method' | 'routeKey' | 'template' | 'lifecycle'>[]
}

/** Whom a rule is about. */
export interface Subjects {
  /** Those that must be there, and are spoken of when they are not. */
  named: readonly AlertSubject[]
  /** Of whatever else was measured. */
  fits: (subject: AlertSubject) => boolean
}

/** Undefined: the endpoint is not registered any more. */
export function subjectsOf(target: Extract<Target, { kind: Grouping }>, register: RuleRegister): Subjects | undefined {
  if (target.kind === 'service') {
    const { service } = target
    return service === null ? { named: [], fits: () => true } : { named: [{ service }], fits: subject => subject.service === service }
  }
  if (target.kind === 'consumer') {
    const { service, consumer } = target
    // A consumer's name is handed down to inner services: it calls those that have endpoints.
    const called = new Set(register.endpoints().filter(({ lifecycle }) => isLive(lifecycle)).map(({ service }) => service.toLowerCase()))
    const isCalled = (name: string) => (service === null ? !called.size || called.has(name) : name === service)
    return {
      named: consumer === null ? [] : [{ service: service ?? '', consumer }],
      fits: subject => (consumer === null ? subject.consumer !== 'unknown' : subject.consumer === consumer) && isCalled(subject.service),
    }
  }
  const routes = register.endpoints().filter(({ id, lifecycle }) => (target.endpoint === null ? isLive(lifecycle) : id === target.endpoint)).map(toSubject)
  if (target.endpoint !== null && !routes.length) return undefined
  const keys = new Set(routes.map(keyOf))
  return { named: target.endpoint === null ? [] : routes, fits: subject => keys.has(keyOf(subject)) }
}

/** The names by which one subject's figures are asked for. */
export function whereOf({ named: [subject] }: Subjects): Partial<Record<'service' | 'method' | 'routeKey' | 'consumer', string>> | undefined {
  return subject && Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== '')) as Record<string, string>
}

const toSubject = ({ service, method, routeKey }: { service: string, method: string, routeKey: string }): AlertSubject => ({ service: service.toLowerCase(), method, routeKey })
