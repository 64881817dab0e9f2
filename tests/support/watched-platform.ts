import { proceed, type Standing } from '#server/alerting/alert-state'
import { createDetection } from '#server/alerting/detection/detection'
import { keyOf, type Finding, type Rule } from '#server/alerting/rule'
import { HOUR, SECOND, type TimeWindow } from '#shared/units'
import { createFakeClock } from './fake-clock'
import type { createSimulatedPlatform } from './simulated-platform'

export interface Fired { at: number, ended?: number, rule: Rule, finding: Finding }

/** Detection over a simulated platform, its alerts kept in memory: days in seconds. */
export function watch({ metrics, step }: ReturnType<typeof createSimulatedPlatform>, { endpoints = [] as { service: string, method: string, routeKey: string, latencyObjective?: number }[] } = {}) {
  const open = new Map<string, { standing: Standing, alert?: Fired }>()
  const fired: Fired[] = []
  let now = 0
  const isOpen = ({ at, ended, finding }: Fired, since: number) => finding.severity === 'critical' && (ended === undefined || ended > since) && at >= 0
  const detection = createDetection({
    clock: createFakeClock(), metrics, receives: () => false, onTrouble: () => {},
    register: {
      services: () => [],
      endpoints: () => endpoints.map(endpoint => ({ latencyObjective: null, ...endpoint, lifecycle: 'active' as const, errorDegraded: null, errorCritical: null, availabilityObjective: 0.999 })),
    },
    troubled: (): TimeWindow[] => fired.filter(each => isOpen(each, now - 2 * HOUR)).map(({ finding, ended }) => ({ from: finding.onset, to: new Date(ended ?? now) })),
    recent: {
      firing: () => new Map([...open].flatMap(([key, { standing, alert }]) => (standing.firing && alert ? [[key, alert.finding.reason] as const] : []))),
      said: (rule, { since, until }) => new Set(fired.filter(each => each.rule.id === rule && each.at >= since.getTime() && each.at <= until.getTime()).map(({ finding }) => keyOf(finding.subject))),
      paged: (since, at) => new Map(fired.filter(each => each.rule.origin !== 't1' && isOpen(each, since.getTime())).sort((a, b) => (a.ended ?? now) - (b.ended ?? now)).map(({ finding, ended }) => [keyOf(finding.subject), new Date(ended ?? at)])),
    },
  })

  function settle(rule: Rule, findings: readonly Finding[], at: Date) {
    const found = new Map(findings.map(finding => [`${rule.id} ${keyOf(finding.subject)}`, finding]))
    for (const key of new Set([...found.keys(), ...[...open.keys()].filter(key => key.startsWith(`${rule.id} `))])) {
      const finding = found.get(key)
      const held = open.get(key)
      const standing = proceed(held?.standing, finding ? 'holds' : 'clear', rule, at)
      let alert = held?.alert
      if (standing.firing && !held?.standing.firing) fired.push(alert = { at: at.getTime(), rule, finding: finding! })
      else if (alert && finding && finding.severity === 'critical' && alert.finding.severity !== 'critical') Object.assign(alert, { finding, at: at.getTime() })
      if (alert && !standing.firing) alert.ended ??= at.getTime()
      if (standing.state === 'ok') open.delete(key)
      else open.set(key, { standing, ...(standing.firing && { alert }) })
    }
  }

  return {
    fired,
    /** What pages, one for each disturbance: alerts within five minutes of one another are one. */
    pages(): Fired[][] {
      const groups: Fired[][] = []
      for (const each of fired.filter(({ finding }) => finding.severity === 'critical').sort((a, b) => a.at - b.at)) {
        const last = groups.at(-1)?.at(-1)
        if (last && each.at - Math.max(last.at, last.ended ?? each.at) < 300 * SECOND) groups.at(-1)!.push(each)
        else groups.push([each])
      }
      return groups
    },
    /** `from` and `to` in ms, multiples of ten seconds. */
    async run(from: number, to: number) {
      for (let at = from; at < to; at += 10 * SECOND) {
        step(at)
        const slot = new Date(at + 10 * SECOND)
        now = slot.getTime()
        for (const tier of [detection.tiers[1]!, detection.tiers[0]!, ...detection.tiers.slice(2)]) {
          if (now % tier.every !== 0) continue
          for (const judged of await tier.judge(slot)) if ('findings' in judged) settle(judged.rule, judged.findings, slot)
        }
      }
    },
  }
}
