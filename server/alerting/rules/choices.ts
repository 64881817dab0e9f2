import { asc } from 'drizzle-orm'
import type { z } from 'zod'
import { can, type UserActor } from '#server/access/access'
import type { Database } from '#server/db/client'
import { consumers } from '#server/db/control/schema'
import type { MetricSource } from '#server/telemetry/ports'
import type { ruleChoices } from '#shared/schemas/alerts'
import type { RuleRegister } from './subjects'

export interface ChoicesRegister {
  endpoints: () => readonly (ReturnType<RuleRegister['endpoints']>[number] & { ownerTeam: string })[]
  services: () => readonly { name: string, ownerTeam: string }[]
}

/** What a form for rules and silences offers, as far as its reader may know of it. */
export function readChoices(actor: UserActor, { db, metrics, register }: { db: Database, metrics: MetricSource, register: ChoicesRegister }): z.input<typeof ruleChoices> {
  const [endpoints, services] = [register.endpoints(), register.services()]
  return {
    services: services.map(({ name }) => name),
    endpoints: endpoints.map(({ id, service, method, template }) => ({ id, service, method, template })).sort((a, b) => a.template.localeCompare(b.template) || a.method.localeCompare(b.method)),
    consumers: can(actor, 'consumers:read') ? db.select({ id: consumers.id, name: consumers.name }).from(consumers).orderBy(asc(consumers.id)).all() : [],
    teams: [...new Set([...endpoints, ...services].map(({ ownerTeam }) => ownerTeam).filter(Boolean))].sort(),
    source: metrics.name,
    promql: metrics.promql !== undefined && can(actor, 'metrics:query'),
    byConsumer: metrics.capabilities.byConsumer,
  }
}
