/** A trace as columns, of one shape at any size: what the limit page shows and the app is sent as OTLP. */
export interface BenchTrace {
  count: number
  /** Microseconds from the root's start. */
  start: Float64Array
  duration: Float64Array
  parent: Int32Array
  depth: Uint16Array
  service: Uint8Array
  name: Uint16Array
  services: string[]
  names: string[]
}

/** Depth-first, siblings by time, about eight children a parent, twelve levels deep, some leaves failing. */
export function makeTrace(count: number): BenchTrace {
  const start = new Float64Array(count)
  const duration = new Float64Array(count)
  const parent = new Int32Array(count).fill(-1)
  const depth = new Uint16Array(count)
  const service = new Uint8Array(count)
  const name = new Uint16Array(count)
  const services = ['api-gateway', 'auth-service', 'business-service', 'external-api', 'notification-worker', 'ledger']
  const names = Array.from({ length: 60 }, (_, i) => `${['GET', 'POST', 'SELECT', 'call'][i % 4]} /internal/step-${i}`)

  let next = 0
  const total = Math.max(1_000, count) * 800
  // Each entry is a subtree still to be placed: how many spans it has, where, and when.
  const pending: { size: number, parent: number, depth: number, from: number, to: number }[] = [{ size: count, parent: -1, depth: 0, from: 0, to: total }]
  while (pending.length) {
    const task = pending.pop()!
    const i = next++
    start[i] = Math.round(task.from)
    duration[i] = Math.max(1, Math.round(task.to - task.from))
    parent[i] = task.parent
    depth[i] = task.depth
    service[i] = (task.depth + (i % 7 === 0 ? 1 : 0)) % services.length
    name[i] = (i * 31 + task.depth) % names.length
    let left = task.size - 1
    const children = task.depth >= 12 ? left : Math.min(left, 8)
    const tasks: typeof pending = []
    for (let child = 0; child < children; child++) {
      const size = child === children - 1 ? left : Math.max(1, Math.floor(left / (children - child)))
      const width = (task.to - task.from) / children
      tasks.push({ size, parent: i, depth: task.depth + 1, from: task.from + width * child + width * 0.02, to: task.from + width * (child + 0.96) })
      left -= size
    }
    for (const later of tasks.reverse()) pending.push(later)
  }
  return { count, start, duration, parent, depth, service, name, services, names }
}

/** 8-byte columns first, then 4, 2, 1, so that views need no copy. */
export function packTrace(trace: BenchTrace): Buffer {
  const header = new Float64Array([trace.count])
  return Buffer.concat([header, trace.start, trace.duration, trace.parent, trace.depth, trace.name, trace.service].map(column => Buffer.from(column.buffer)))
}
