import type { CulpritType } from '../../../server/diagnosis/diagnosis.ts'
import type { Knobs } from './knobs.ts'
import type { Platform } from './platform.ts'
import type { Chance } from './simulation.ts'
import { backend, busyOperations, busySteps, callersOf, clientName, directQueries, isExternal, pickOf, workOf } from './fault-places.ts'
import type { Topology } from './topology.ts'

/** Where a fault was put, in the words of the verdict. Several answers may be right: two callers of one slow database. */
export interface Truth {
  type: CulpritType
  /** Other mechanisms that describe the same thing. */
  types?: CulpritType[]
  places: { service: string, operation?: string, remote?: string | null }[]
  qualifier?: { attributes: string[], value: string }
}

export interface Fault {
  name: string
  truth: Truth
  /** How the platform is built before anything happens, where a fault needs scarce capacity. */
  prepare?: (knobs: Knobs, platform: Platform) => void
  /** Turns it on: mechanisms only. */
  switchOn: (knobs: Knobs, platform: Platform) => void
}

type Maker = (topology: Topology, chance: Chance) => Fault | undefined

export const faults: Record<string, Maker> = {
  'slow-code': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology).filter(backend))
    if (!at) return undefined
    const add = chance.between(40_000, 200_000)
    return { name: 'slow-code', truth: { type: 'slow_local', places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }] }, switchOn: knobs => knobs.work.push({ service: at.service.name, operation: at.operation.name, factor: 1, add }) }
  },
  'slow-instance': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(backend))
    if (!at) return undefined
    const instance = `${at.service.name}-1`
    return {
      name: 'slow-instance',
      truth: { type: 'slow_local', places: at.service.operations.map(operation => ({ service: at.service.name, operation: workOf(operation), remote: null })), qualifier: { attributes: ['service.instance.id', 'k8s.pod.name', 'host.name'], value: instance } },
      switchOn: knobs => knobs.work.push({ service: at.service.name, factor: 3, add: chance.between(100_000, 400_000), only: { instance } }),
    }
  },
  'slow-version': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(entry => backend(entry) && entry.service.instances > 2))
    if (!at) return undefined
    return {
      name: 'slow-version',
      truth: { type: 'slow_local', places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }], qualifier: { attributes: ['service.version'], value: '2.9.0' } },
      switchOn: knobs => knobs.work.push({ service: at.service.name, operation: at.operation.name, factor: 1, add: chance.between(120_000, 500_000), only: { version: '2.9.0' } }),
    }
  },
  'slow-for-consumer': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(backend))
    if (!at) return undefined
    const consumer = topology.consumers[0]!.name
    return {
      name: 'slow-for-consumer',
      truth: { type: 'slow_local', places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }], qualifier: { attributes: ['api.client.id'], value: consumer } },
      switchOn: knobs => knobs.work.push({ service: at.service.name, operation: at.operation.name, factor: 1, add: chance.between(120_000, 500_000), only: { consumer } }),
    }
  },
  'slow-query': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology).filter(({ step }) => !isExternal(topology, step.store)))
    if (!at) return undefined
    return {
      name: 'slow-query', truth: { type: 'slow_dependency', places: callersOf(topology, at.step.store).filter(place => place.operation === at.step.statement) },
      switchOn: knobs => knobs.store.push({ store: at.step.store, statement: at.step.statement, factor: 4, add: chance.between(40_000, 250_000), share: chance.between(0.5, 1) }),
    }
  },
  'slow-database': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology).filter(({ step }) => !isExternal(topology, step.store)))
    if (!at) return undefined
    return { name: 'slow-database', truth: { type: 'slow_dependency', types: ['saturation'], places: callersOf(topology, at.step.store) }, switchOn: knobs => knobs.store.push({ store: at.step.store, factor: 12, add: 30_000, share: 1 }) }
  },
  'slow-partner': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology, 0.4).filter(({ step }) => isExternal(topology, step.store)))
    if (!at) return undefined
    return { name: 'slow-partner', truth: { type: 'slow_dependency', places: callersOf(topology, at.step.store) }, switchOn: knobs => knobs.store.push({ store: at.step.store, factor: 3, add: 0, share: 1 }) }
  },
  'slow-dark': (topology, chance) => {
    const at = pickOf(chance, busySteps(topology, 'call', 0.4).filter(({ step }) => topology.services.find(({ name }) => name === step.service)!.dark))
    if (!at) return undefined
    return {
      name: 'slow-dark', truth: { type: 'slow_dependency', places: busySteps(topology, 'call', 0).filter(({ step }) => step.service === at.step.service).map(({ service, step }) => ({ service: service.name, operation: step.operation, remote: at.step.service })) },
      switchOn: knobs => knobs.work.push({ service: at.step.service, factor: 5, add: chance.between(50_000, 180_000) }),
    }
  },
  'slow-network': (topology, chance) => {
    const at = pickOf(chance, busySteps(topology, 'call').filter(({ service, step }) => !/gateway/.test(service.name) && !topology.services.find(({ name }) => name === step.service)!.dark))
    if (!at) return undefined
    const target = topology.services.find(({ name }) => name === at.step.service)!
    return {
      name: 'slow-network', truth: { type: 'slow_dependency', places: [{ service: target.name, remote: null }, ...busySteps(topology, 'call', 0).filter(({ step }) => step.service === target.name).map(({ service }) => ({ service: service.name, remote: target.name }))] },
      switchOn: knobs => knobs.network.push({ to: target.name, add: chance.between(50_000, 180_000) }),
    }
  },
  'timeout': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology, 0.4).filter(({ step, service }) => isExternal(topology, step.store) && !/worker/.test(service.name)))
    if (!at) return undefined
    const limit = chance.pick([2_000, 3_000, 5_000, 8_000])
    return {
      name: 'timeout', truth: { type: 'timeout', places: callersOf(topology, at.step.store) },
      switchOn: (knobs) => {
        knobs.timeouts.set(at.step.store, limit)
        knobs.store.push({ store: at.step.store, factor: 1, add: limit * 1_300, share: chance.between(0.2, 0.8) })
      },
    }
  },
  'timeout-inside': (topology, chance) => {
    const at = pickOf(chance, busySteps(topology, 'call').filter(({ service, step }) => !/gateway/.test(service.name) && step.attempts === 1 && step.share === 1 && !topology.services.find(({ name }) => name === step.service)!.dark))
    if (!at) return undefined
    return {
      name: 'timeout-inside', truth: { type: 'timeout', places: busySteps(topology, 'call', 0).filter(({ step }) => step.service === at.step.service).map(({ service, step }) => ({ service: service.name, operation: clientName(step.operation), remote: at.step.service })) },
      switchOn: (knobs) => {
        knobs.timeouts.set(at.step.service, 2_000)
        knobs.work.push({ service: at.step.service, factor: 1, add: 4_000_000 })
      },
    }
  },
  'cache-off': (topology, chance) => {
    const at = pickOf(chance, busySteps(topology, 'cached', 0.8))
    if (!at || at.step.miss.kind !== 'query') return undefined
    const remote = at.step.miss.store
    return {
      name: 'cache-off', truth: { type: 'call_rate', places: [{ service: at.service.name, operation: workOf(at.operation), remote }, { service: at.service.name, operation: at.step.miss.statement, remote }] },
      switchOn: knobs => knobs.hits.set(at.step.store, 0),
    }
  },
  'retry-storm': (topology, chance) => {
    const at = pickOf(chance, busySteps(topology, 'call').filter(({ step }) => step.share === 1 && !topology.services.find(({ name }) => name === step.service)!.dark))
    if (!at) return undefined
    const callee = topology.services.find(({ name }) => name === at.step.service)!.operations.find(({ name }) => name === at.step.operation)!
    return {
      name: 'retry-storm', truth: { type: 'retry_storm', places: [{ service: at.step.service, operation: workOf(callee), remote: null }, { service: at.step.service, operation: callee.name, remote: null }] },
      switchOn: (knobs) => {
        knobs.attempts.push({ service: at.service.name, to: at.step.service, attempts: 4 })
        knobs.failing.push({ service: at.step.service, operation: callee.name, share: chance.between(0.6, 0.85), type: 'OverloadedException' })
      },
    }
  },
  'n-plus-one': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology).filter(({ step }) => !isExternal(topology, step.store)))
    if (!at) return undefined
    return {
      name: 'n-plus-one', truth: { type: 'n_plus_one', places: [{ service: at.service.name, operation: workOf(at.operation) }, { service: at.service.name, operation: at.step.statement, remote: at.step.store }] },
      switchOn: knobs => knobs.repeats.push({ service: at.service.name, operation: at.operation.name, store: at.step.store, items: chance.between(5, 20) }),
    }
  },
  'exception': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology).filter(backend))
    if (!at) return undefined
    return {
      name: 'exception', truth: { type: 'error_origin', types: ['retry_storm'], places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }] },
      switchOn: knobs => knobs.failing.push({ service: at.service.name, operation: at.operation.name, share: chance.between(0.06, 0.5), type: 'IllegalStateException' }),
    }
  },
  'version-errors': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(entry => backend(entry) && entry.service.instances > 2))
    if (!at) return undefined
    return {
      name: 'version-errors', truth: { type: 'error_origin', types: ['retry_storm'], places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }], qualifier: { attributes: ['service.version'], value: '2.9.0' } },
      switchOn: knobs => knobs.failing.push({ service: at.service.name, operation: at.operation.name, share: chance.between(0.75, 1), type: 'NullPointerException', only: { version: '2.9.0' } }),
    }
  },
  'consumer-errors': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(backend))
    if (!at) return undefined
    const consumer = topology.consumers[1]!.name
    return {
      name: 'consumer-errors', truth: { type: 'error_origin', types: ['retry_storm'], places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }], qualifier: { attributes: ['api.client.id'], value: consumer } },
      switchOn: knobs => knobs.failing.push({ service: at.service.name, operation: at.operation.name, share: 0.95, type: 'NumberFormatException', only: { consumer } }),
    }
  },
  'partner-errors': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology, 0.4).filter(({ step, service }) => isExternal(topology, step.store) && !/worker/.test(service.name)))
    if (!at) return undefined
    return { name: 'partner-errors', truth: { type: 'error_origin', types: ['retry_storm'], places: callersOf(topology, at.step.store) }, switchOn: knobs => knobs.storeFailing.push({ store: at.step.store, share: chance.between(0.12, 0.7), status: 503 }) }
  },
  'slow-node': (topology, chance) => {
    const host = `node-${chance.whole(1, 5)}`
    return {
      name: 'slow-node', truth: { type: 'only_subset', places: topology.services.filter(({ dark }) => !dark).map(({ name }) => ({ service: name })), qualifier: { attributes: ['host.name'], value: host } },
      switchOn: knobs => knobs.work.push({ service: '*', factor: 8, add: 60_000, only: { host } }),
    }
  },
  'queue-slow-fetch': (topology) => {
    const at = busyOperations(topology, 0.4).find(({ operation }) => operation.topic)
    if (!at) return undefined
    return { name: 'queue-slow-fetch', truth: { type: 'queue_lag', places: [{ service: at.service.name, operation: at.operation.name, remote: null }] }, switchOn: knobs => knobs.fetchEvery.set(at.operation.topic!, 4_000 / at.load * 1.6) }
  },
  'queue-slow-handler': (topology) => {
    const at = busyOperations(topology, 0.4).find(({ operation }) => operation.topic)
    if (!at) return undefined
    return {
      name: 'queue-slow-handler', truth: { type: 'slow_local', types: ['queue_lag', 'saturation'], places: [{ service: at.service.name, operation: workOf(at.operation), remote: null }] },
      switchOn: knobs => knobs.work.push({ service: at.service.name, operation: at.operation.name, factor: 1, add: 4e6 / at.load * 1.3 }),
    }
  },
  'surge': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(backend))
    if (!at) return undefined
    const consumer = topology.consumers.at(-1)!.name
    // One worker an instance, busy a third of the time: three and a half times the traffic is more than they can do.
    return {
      name: 'surge', truth: { type: 'saturation', places: [{ service: at.service.name }] },
      prepare: (knobs, platform) => {
        const instances = platform.instances.get(at.service.name)!
        for (const { workers } of instances) workers.size = 1
        knobs.work.push({ service: at.service.name, operation: at.operation.name, factor: 1, add: Math.max(0, 0.33 * instances.length / at.load - (at.operation.work * 1.3 + 25) / 1_000) * 1e6 })
      },
      switchOn: knobs => knobs.arrivals.push({ consumer, factor: 3.5 }),
    }
  },
  'pool-too-small': (topology, chance) => {
    const at = pickOf(chance, directQueries(topology, 0.8).filter(({ step, service }) => !isExternal(topology, step.store) && !/worker/.test(service.name)))
    if (!at) return undefined
    return {
      name: 'pool-too-small', truth: { type: 'saturation', types: ['slow_local'], places: [{ service: at.service.name }] },
      // A query that keeps one connection busy nine tenths of the time; then all but one connection leak away.
      prepare: (knobs, platform) => knobs.store.push({ store: at.step.store, statement: at.step.statement, factor: 1, add: 0.9 * platform.instances.get(at.service.name)!.length / at.weight * 1e6, share: 1 }),
      switchOn: (_, platform) => {
        for (const { pools } of platform.instances.get(at.service.name)!) pools.get(at.step.store)!.size = 1
      },
    }
  },
  'silent-service': (topology, chance) => {
    const at = pickOf(chance, busyOperations(topology, 0.8).filter(backend))
    if (!at) return undefined
    return { name: 'silent-service', truth: { type: 'missing_telemetry', places: [{ service: at.service.name }] }, switchOn: knobs => knobs.silent.add(at.service.name) }
  },
}
export const faultNames = Object.keys(faults)
