import type { KnownEndpoint, KnownService, Register } from '#server/monitoring/register'
import { AppError } from '#shared/errors'
import { routeKeyOf } from '#shared/route-key'
import type { Change } from '#shared/schemas/change'

export function knownService(name: string, rest: Partial<KnownService> = {}): KnownService {
  return { name, display: name, colour: 1, ownerTeam: '', latencyThreshold: null, ...rest }
}

export function knownEndpoint(id: string, method: string, template: string, rest: Partial<KnownEndpoint> = {}): KnownEndpoint {
  return {
    id, service: 'api-gateway', method, template, routeKey: routeKeyOf(template), nameKo: '', nameEn: '',
    latencyObjective: null, errorDegraded: null, errorCritical: null, lifecycle: 'active', ...rest,
  }
}

export function createRegisterOf({ services = [], endpoints = [], changes = [] }: { services?: KnownService[], endpoints?: KnownEndpoint[], changes?: Change[] }): Register {
  return {
    services: () => services,
    endpoints: () => endpoints.filter(({ lifecycle }) => lifecycle !== 'retired'),
    endpoint(id) {
      const endpoint = endpoints.find(endpoint => endpoint.id === id)
      if (!endpoint) throw new AppError('endpoint.not_found', { id })
      return endpoint
    },
    changes: ({ window, service, limit }) => changes
      .filter(({ at, service: of }) => Date.parse(at) >= window.from.getTime() && Date.parse(at) < window.to.getTime() && (!service || of === service))
      .slice(0, limit),
  }
}
