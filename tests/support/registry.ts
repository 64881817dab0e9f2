import type { UserActor } from '#server/access/access'
import { createRegistry } from '#server/registry/registry'
import { permissions, type Permission } from '#shared/permissions'
import { createControlDb } from './control-db'
import { createFakeClock } from './fake-clock'
import { createCallSource, type Call } from './metric-source'

export function person(name: string, granted: readonly Permission[] = permissions): UserActor {
  return { kind: 'user', id: `id-of-${name}`, name, email: `${name}@bongsu.example`, roles: [], permissions: new Set(granted), via: { kind: 'session', id: 's', renew: false }, language: null, zone: null, theme: null }
}

/** The room on a fresh control file, with traffic that the test writes itself. */
export function createTestRegistry() {
  const db = createControlDb()
  const clock = createFakeClock()
  const metrics = createCallSource()
  const registry = createRegistry({ db, clock, metrics, maskedKeys: ['password', 'token'] })
  return {
    db, clock, metrics, registry,
    admin: person('admin-01'),
    other: person('admin-02'),
    /** `n` requests, the newest `secondsAgo` before now. */
    call(call: Partial<Call> & { routeKey: string }, n = 1, secondsAgo = 1) {
      for (let i = 0; i < n; i++) {
        metrics.calls.push({ service: 'api-gateway', method: 'GET', at: new Date(clock.now().getTime() - secondsAgo * 1_000), ...call })
      }
    },
  }
}

/** The AppError that `run` throws. */
export function refusalOf(run: () => unknown): { code: string, params: Record<string, unknown>, details: never } {
  try {
    run()
  }
  catch (error) {
    return error as never
  }
  throw new Error('nothing was refused')
}

/** What somebody has open who looked just now. */
export function newest(registry: ReturnType<typeof createRegistry>, id: string) {
  return { revision: registry.endpoints.find(id).revision }
}
