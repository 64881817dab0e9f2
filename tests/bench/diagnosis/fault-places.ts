import type { Chance } from './simulation.ts'
import { flatten, type OperationSpec, type ServiceSpec, type Step, type Topology } from './topology.ts'

interface Used { service: ServiceSpec, operation: OperationSpec, step: Step, weight: number }

/** How often each operation is called per second, so that faults are put where requests pass. */
export function loads(topology: Topology): Map<OperationSpec, number> {
  const loads = new Map<OperationSpec, number>()
  const find = (service: string, operation: string) => topology.services.find(({ name }) => name === service)!.operations.find(({ name }) => name === operation)!
  const visit = (operation: OperationSpec, rate: number) => {
    if (rate < 1e-3) return
    loads.set(operation, (loads.get(operation) ?? 0) + rate)
    const walk = (step: Step, share: number) => {
      if (step.kind === 'call') visit(find(step.service, step.operation), share * step.share)
      else if (step.kind === 'cached') walk(step.miss, share * (1 - step.hits))
      else if (step.kind === 'together') for (const inner of step.steps) walk(inner, share)
      else if (step.kind === 'publish') for (const { operations } of topology.services) for (const other of operations) if (other.topic === step.topic) visit(other, share * step.share)
    }
    for (const step of operation.steps) walk(step, rate)
  }
  for (const { service, operation, rate } of topology.entries) visit(find(service, operation), rate)
  return loads
}

const BUSY = 0.5

export function busyOperations(topology: Topology, least = BUSY): { service: ServiceSpec, operation: OperationSpec, load: number }[] {
  const load = loads(topology)
  return topology.services.filter(({ dark }) => !dark).flatMap(service => service.operations.map(operation => ({ service, operation, load: load.get(operation) ?? 0 })))
    .filter(entry => entry.load >= least)
}

export function busySteps<K extends Step['kind']>(topology: Topology, kind: K, least = BUSY): (Used & { step: Extract<Step, { kind: K }> })[] {
  return busyOperations(topology, least).flatMap(({ service, operation, load }) => operation.steps.flatMap(flatten)
    .filter((step): step is Extract<Step, { kind: K }> => step.kind === kind).map(step => ({ service, operation, step, weight: load })))
}

export const backend = ({ service, operation }: { service: ServiceSpec, operation: OperationSpec }) => !/gateway/.test(service.name) && !operation.topic

/** Where an operation's own work is seen. */
export const workOf = (operation: OperationSpec) => operation.inner ?? operation.name
export const clientName = (operation: string) => operation.split(' ')[0]!

export function pickOf<T>(chance: Chance, list: readonly T[]): T | undefined {
  return list.length ? chance.pick(list) : undefined
}

/** Queries straight from an operation, not behind a cache. */
export function directQueries(topology: Topology, least = BUSY) {
  return busyOperations(topology, least).flatMap(({ service, operation, load }) => operation.steps.flatMap(step => step.kind === 'together' ? step.steps : [step])
    .filter((step): step is Extract<Step, { kind: 'query' }> => step.kind === 'query').map(step => ({ service, operation, step, weight: load })))
}

export const isExternal = (topology: Topology, store: string) => topology.stores.find(({ name }) => name === store)!.kind === 'external'
export const callersOf = (topology: Topology, store: string) => directQueries(topology, 0).filter(({ step }) => step.store === store).map(({ service, step }) => ({ service: service.name, operation: step.statement, remote: store }))
