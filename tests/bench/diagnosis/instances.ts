import { Slots, type Chance } from './simulation.ts'
import type { ServiceSpec, Topology } from './topology.ts'

export interface Instance {
  service: ServiceSpec
  id: string
  host: string
  zone: string
  version: string
  /** µs its clock is ahead. */
  skew: number
  workers: Slots
  pools: Map<string, Slots>
  /** Garbage is collected until then: nothing of it moves. */
  pausedUntil: number
}

/** Of each service, spread over five hosts, the clocks of two of which are wrong. */
export function placeInstances(topology: Topology, chance: Chance): Map<string, Instance[]> {
  const hosts = Array.from({ length: 5 }, (_, i) => ({ name: `node-${i + 1}`, skew: i < 3 ? 0 : chance.between(-80_000, 80_000) }))
  return new Map(topology.services.map(service => [service.name, Array.from({ length: service.instances }, (_, i) => {
    const host = hosts[(i + service.name.length) % hosts.length]!
    return {
      service, id: `${service.name}-${i + 1}`, host: host.name, zone: ['a', 'b'][hosts.indexOf(host) % 2]!, skew: host.skew,
      version: service.instances > 2 && i === service.instances - 1 ? '2.9.0' : '2.8.0', workers: new Slots(service.workers),
      pools: new Map(topology.stores.map(({ name }) => [name, new Slots(service.pool)])), pausedUntil: 0,
    }
  })]))
}
