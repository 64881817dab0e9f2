import type { Clock } from '#server/clock'
import type { RegisteredRoute, RegisteredService } from '#server/registry/registry'
import type { MetricSource } from '#server/telemetry/ports'
import type { Completion } from '#server/telemetry/telemetry'
import { limitsOf } from '#shared/status/limits'
import type { TimeWindow } from '#shared/units'
import type { Rule, Tier } from '../rule'
import { findOutages, type Entry } from './outage'
import { outage } from './parameters'
import { createSecondCounts } from './second-counts'

export interface DetectionDependencies {
  clock: Clock
  metrics: MetricSource
  receives?: () => boolean
  excluded?: () => readonly TimeWindow[]
  register: {
    services: () => readonly Pick<RegisteredService, 'name' | 'latencyThreshold'>[]
    endpoints: () => readonly Pick<RegisteredRoute, 'service' | 'method' | 'routeKey' | 'lifecycle' | 'latencyObjective' | 'errorDegraded' | 'errorCritical' | 'availabilityObjective'>[]
  }
}

const t0: Rule = { id: 't0', origin: 't0', for: outage.for, keepFiring: outage.keepFiring }

/** Detection without rules of one's own: what T0 to T4 look at, and the tiers that look at it. */
export function createDetection({ register }: DetectionDependencies) {
  const seconds = createSecondCounts()

  function entries(): Entry[] {
    const services = new Map(register.services().map(service => [service.name, service]))
    const endpoints = new Map(register.endpoints().map(endpoint => [`${endpoint.service} ${endpoint.method} ${endpoint.routeKey}`, endpoint]))
    return [...seconds.routes()].filter(({ method }) => method !== '').map(({ service, method, routeKey }) => ({
      service, method, routeKey,
      limits: limitsOf(services.get(service), endpoints.get(`${service} ${method} ${routeKey}`)),
    }))
  }

  const tiers: Tier[] = [
    {
      name: 't0', every: outage.every, rules: () => [t0],
      judge(at) {
        seconds.forget(at)
        return seconds.covers(at) ? [{ rule: t0, findings: findOutages(entries(), seconds.tally, at) }] : []
      },
    },
  ]

  return {
    tiers,
    /** Counts what arrived; nobody is asked for it. */
    noteCompletions: (completions: readonly Completion[]) => seconds.add(completions),
  }
}
