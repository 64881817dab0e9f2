import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createAlerting, type AlertSubject, type Rule } from '#server/alerting/alerting'
import { createOutbox } from '#server/alerting/notifications/outbox'
import type { Clock } from '#server/clock'
import { openControl } from '#server/db/client'
import { createIncidents } from '#server/incidents/incidents'
import { MINUTE, SECOND } from '#shared/units'
import { createCallSource } from './metric-source'
import { logSource, traceSource } from './telemetry-sources'
import { diagnosisOf, process as endpoint } from './incidents'

/**
 * Alerting and incidents on a control file, as one process runs them, thirty times as fast as the clock on the wall: to
 * be killed at any moment. Two rules fire as long as the file `firing` is there.
 */
const [, , folder = '', epoch = '0'] = globalThis.process.argv
const speed = 30
const began = Number(epoch)
const clock: Clock = {
  now: () => new Date(began + (Date.now() - began) * speed),
  monotonic: () => performance.now() * speed,
  at(time, run) {
    const timer = setTimeout(run, Math.max(0, (time.getTime() - clock.now().getTime()) / speed))
    return () => clearTimeout(timer)
  },
  every(interval, run) {
    const timer = setInterval(run, interval / speed)
    return () => clearInterval(timer)
  },
}

const db = openControl(join(folder, 'control.sqlite'))
const metrics = { ...createCallSource(), operations: async () => ({ data: [], population: { kind: 'all' as const }, warnings: [] }) }
const onTrouble = (error: unknown) => void globalThis.process.stderr.write(`${String(error)}\n`)
const incidents = createIncidents({
  db, clock, metrics, notifications: createOutbox({ clock }), keepsEvidence: false, onTrouble,
  register: { endpoints: () => [endpoint], services: () => [], changes: () => [] },
  traces: traceSource({ search: async () => ({ traces: [], total: { count: 0, atLeast: false }, searchedTo: new Date(0), population: { kind: 'all' }, warnings: [] }) }), logs: logSource(),
  // As long as a real one may take.
  diagnose: () => new Promise(resolve => setTimeout(resolve, 40, diagnosisOf())),
})

const rules: Rule[] = ['entry', 'edge'].map(id => ({ id, origin: 'own', for: 0, keepFiring: 10 * SECOND }))
const subjects: AlertSubject[] = [{ service: endpoint.service, method: endpoint.method, routeKey: endpoint.routeKey }, { service: endpoint.service, remote: 'business-service' }]
const alerting = createAlerting({
  db, clock, metrics, onTrouble, register: { endpoints: () => [], services: () => [] }, receives: () => false,
  tiers: [incidents.tier, {
    name: 'scripted', every: 5 * SECOND, rules: () => rules,
    judge: at => rules.map((rule, i) => ({
      rule, findings: existsSync(join(folder, 'firing')) ? [{ subject: subjects[i]!, severity: 'critical' as const, onset: new Date(at.getTime() - MINUTE / 3), reason: { code: 'alerting.error.own' as const } }] : [],
    })),
  }],
})
alerting.onChanges(incidents.listen)
incidents.onChange(({ number }) => void globalThis.process.stdout.write(`INC-${number}\n`))
incidents.start()
alerting.start()
