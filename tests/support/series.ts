import { graphOf, type View } from '#server/alerting/detection/platform'
import { usualMinutes } from '#server/alerting/detection/baseline'
import { usualOf } from '#server/alerting/detection/usual'
import { Memory } from '#server/alerting/detection/series'
import type { OperationsRow, Red } from '#server/telemetry/ports'
import { HOUR, MINUTE, SECOND } from '#shared/units'

export const at = new Date('2026-11-23T14:00:00Z')
const STEP = 10 * SECOND

/** Figures of one step; times in ms. `each`: how many one that was seen stands for. */
export interface Figures { calls?: number, failed?: number, refused?: number, time?: number, each?: number }

export function red({ calls = 20, failed = 0, refused = 0, time = 100, each = 1 }: Figures = {}): Red {
  return { spans: calls, requests: calls * each, failed: failed * each, clientErrors: refused * each, duration: calls * each * time * 1000, p50: time * 1000, p95: time * 2000, p99: time * 3000 }
}

export interface Thing {
  service: string
  method?: string
  routeKey?: string
  operation?: string
  remote?: string
  remoteKind?: OperationsRow['remoteKind']
  kind?: 'call' | 'send'
  /** Usual figures, and those of the newest steps, the oldest of them first. */
  usual?: Figures
  now?: Figures[]
}

/** What detection knows of some series: an hour of what is usual, then what is said of the newest steps. */
export function viewOf(things: Thing[], { hours = 1, firing = [] as string[], registered = [] as string[], weekly = {} as Record<string, number>, before = undefined as number | undefined, promised = undefined as number | undefined } = {}): View {
  const memory = new Memory()
  const length = hours * HOUR
  for (const { kind, usual = {}, now = [], ...names } of things) {
    const add = (level: 'fine' | 'minutes' | 'tens', time: number, figures: Figures) => {
      const row = { ...red(figures), ...names, at: new Date(time) }
      if (kind) memory.addOperations(kind, [row], level)
      else memory.addRequests([row], level)
    }
    const times = (count: number): Figures => ({ ...usual, calls: count * (usual.calls ?? 20), failed: count * (usual.failed ?? 0), refused: count * (usual.refused ?? 0) })
    for (let time = at.getTime() - length; time < at.getTime() - 10 * MINUTE; time += 10 * MINUTE) add('tens', time, times(60))
    for (let time = at.getTime() - length; time < at.getTime() - 10 * MINUTE; time += MINUTE) add('minutes', time, times(6))
    const steps = 10 * MINUTE / STEP
    for (let step = 0; step < steps; step++) {
      const figures = now[step - (steps - now.length)] ?? usual
      if (figures.calls !== 0) add('fine', at.getTime() - 10 * MINUTE + step * STEP, figures)
    }
  }
  for (const series of memory.all) series.roll(at.getTime() - 10 * MINUTE, at.getTime())
  const minutes = usualMinutes(at, length, [])
  return {
    at, to: at.getTime() / STEP, memory,
    isFiring: (rule, { subject }) => firing.includes(`${rule} ${subject.service}`),
    usualBefore: () => before === undefined ? undefined : before * 1000,
    promised: () => promised === undefined ? undefined : promised * 1000,
    isRegistered: ({ subject }) => registered.includes(`${subject.service} ${subject.method} ${subject.routeKey}`),
    usual: series => usualOf(series, { tick: at.getTime() / STEP, minutes, history: length, siblings: memory.of(series.subject.service) }),
    weekly: ({ subject }) => weekly[subject.service] === undefined ? undefined : { mean: weekly[subject.service]! * 1000, typical: weekly[subject.service]! * 1000 },
  }
}

export const look = (things: Thing[], options?: Parameters<typeof viewOf>[1]) => {
  const view = viewOf(things, options)
  return { view, graph: graphOf(view), minutes: usualMinutes(at, (options?.hours ?? 1) * HOUR, []) }
}

/** So many steps alike. */
export const steps = (count: number, figures: Figures): Figures[] => Array.from({ length: count }, () => figures)
