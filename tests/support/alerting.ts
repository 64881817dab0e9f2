import type { MetricSource } from '#server/telemetry/ports'
import { createAlerting, type AlertingDependencies } from '#server/alerting/alerting'
import { createControlDb } from './control-db'
import { createFakeClock } from './fake-clock'
import { createCallSource, type Call } from './metric-source'
import { person } from './registry'

export const route = (id: string, method: string, template: string, rest: object = {}) => ({
  id, service: 'api-gateway', method, template, routeKey: template, lifecycle: 'active' as const, ownerTeam: '', nameKo: '', nameEn: '',
  latencyObjective: null, errorDegraded: null, errorCritical: null, availabilityObjective: 0.999, ...rest,
})

/** The room on a fresh control file, with traffic that the test writes itself. */
export function createTestAlerting({ endpoints = [], metrics: source, changes, incidentsOf, mayQuery }: { endpoints?: ReturnType<typeof route>[], metrics?: Partial<MetricSource> } & Pick<AlertingDependencies, 'changes' | 'incidentsOf' | 'mayQuery'> = {}) {
  const db = createControlDb()
  const clock = createFakeClock(new Date('2026-11-29T10:00:00Z'))
  const calls = createCallSource()
  const metrics = Object.assign(calls, source)
  const troubles: unknown[] = []
  const alerting = createAlerting({
    db, clock, metrics, register: { services: () => [], endpoints: () => endpoints }, receives: () => false, changes, incidentsOf, mayQuery,
    onTrouble: error => troubles.push(error),
  })
  return {
    db, clock, metrics, alerting, troubles,
    operator: person('ops-01'),
    /** `n` requests spread over the `seconds` before now. */
    call(call: Partial<Call> = {}, n = 10, seconds = 10) {
      for (let i = 0; i < n; i++) metrics.calls.push({ service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process', at: new Date(clock.now().getTime() - 1 - i * seconds * 1_000 / n), ...call })
    },
    /** Judges the newest slot of rules of one's own. */
    judge: () => alerting.evaluate(new Date(Math.floor(clock.now().getTime() / 15_000) * 15_000)),
    /** Where the rules of one's own stand with their subjects. */
    standing: () => alerting.states().filter(({ subject }) => subject).map(({ subject, state }) => `${Object.values(subject!).filter(part => typeof part === 'string').join(' ')}: ${state}`),
  }
}
