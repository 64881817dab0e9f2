import { and, eq, isNull } from 'drizzle-orm'
import { randomUUIDv7 } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '#server/db/client'
import { alerts, alertStates } from '#server/db/control/schema'
import { severities, type Severity } from '#shared/alerting/severity'
import type { Sentence } from '#shared/text/text'
import type { Alert, AlertChange, AlertSubject } from './alert'
import { proceed, type Standing, type Verdict } from './alert-state'
import { keyOf, type Finding, type Judged, type Rule } from './rule'

type StateRow = typeof alertStates.$inferSelect

/** Key of the row that says where a rule itself stands. */
const ruleItself = ''

/** Stores what one rule was judged to be at `at`, subject by subject; the answer is what began, grew worse or ended. */
export function settle(tx: Transaction, judged: Judged, at: Date): AlertChange[] {
  const { rule } = judged
  const rows = new Map(tx.select().from(alertStates).where(eq(alertStates.rule, rule.id)).all().map(row => [row.subjectKey, row]))
  const verdicts = verdictsOf(judged, rows)
  noteRule(tx, judged, rows.get(ruleItself), at)
  return [...verdicts].flatMap(([key, said]) => settleSubject(tx, { rule, key, row: rows.get(key), ...said }, at) ?? [])
}

interface Said { verdict: Verdict, subject: AlertSubject, finding?: Finding, reason?: Sentence }

/** Every subject that is spoken of now, or was left in a state that is not ok. */
function verdictsOf(judged: Judged, rows: Map<string, StateRow>): Map<string, Said> {
  const verdicts = new Map<string, Said>()
  const known = (verdict: Verdict, reason?: Sentence) => {
    for (const { subjectKey, subject, state, alertId } of rows.values()) if (subject && (state !== 'ok' || alertId)) verdicts.set(subjectKey, { verdict, subject, reason })
  }
  if ('error' in judged) known('error', judged.error)
  else if ('paused' in judged) known('paused')
  else {
    known('clear')
    for (const subject of judged.silent ?? []) verdicts.set(keyOf(subject), { verdict: 'no_data', subject })
    for (const finding of judged.findings) verdicts.set(keyOf(finding.subject), { verdict: 'holds', subject: finding.subject, finding })
  }
  return verdicts
}

function settleSubject(tx: Transaction, { rule, key, row, verdict, subject, finding, reason }: { rule: Rule, key: string, row: StateRow | undefined } & Said, at: Date): AlertChange | undefined {
  const before: Standing | undefined = row && {
    state: row.state, since: row.since, firing: row.alertId !== null,
    ...(row.heldSince && { heldSince: row.heldSince }), ...(row.clearSince && { clearSince: row.clearSince }),
  }
  const next = proceed(before, verdict, rule, at)
  const begins = next.firing && !before?.firing
  const episode = (row?.episode ?? 0) + (begins ? 1 : 0)
  const alert = begins
    ? open(tx, { rule, key, episode, finding: finding!, at })
    : row?.alertId ? find(tx, row.alertId) : undefined
  const change = begins ? { alert: alert!, became: 'firing' as const } : alert && go(tx, alert, { firing: next.firing, finding, at })
  write(tx, {
    rule: rule.id, subjectKey: key, subject, state: next.state, since: next.since,
    heldSince: next.heldSince ?? null, clearSince: next.clearSince ?? null,
    episode, alertId: next.firing ? alert!.id : null, reason: reason ?? null,
  }, row)
  return change
}

function open(tx: Transaction, { rule, key, episode, finding, at }: { rule: Rule, key: string, episode: number, finding: Finding, at: Date }): Alert {
  const { subject, severity, onset, reason, runbook } = finding
  return toAlert(tx.insert(alerts).values({
    id: randomUUIDv7(), rule: rule.id, origin: rule.origin, subjectKey: key, subject, episode, severity,
    onset: earlier(onset, at), startedAt: at, lastFiredAt: at, reason, runbook,
  }).returning().get())
}

/** An alert that goes on takes the newest figures; its severity only rises. */
function go(tx: Transaction, alert: Alert, { firing, finding, at }: { firing: boolean, finding: Finding | undefined, at: Date }): AlertChange | undefined {
  if (!firing) {
    const ended = update(tx, alert.id, { endedAt: later(alert.startedAt, at) })
    return { alert: ended, became: 'over' }
  }
  if (!finding) return undefined
  const severity = graver(alert.severity, finding.severity)
  const next = update(tx, alert.id, { lastFiredAt: later(alert.startedAt, at), reason: finding.reason, severity, runbook: finding.runbook ?? '' })
  return severity === alert.severity ? undefined : { alert: next, became: 'worse' }
}

function noteRule(tx: Transaction, judged: Judged, row: StateRow | undefined, at: Date) {
  const state = 'error' in judged ? 'error' : 'paused' in judged ? 'paused' : 'ok'
  if (row?.state === state) return
  write(tx, {
    rule: judged.rule.id, subjectKey: ruleItself, subject: null, state, since: at, heldSince: null, clearSince: null,
    episode: 0, alertId: null, reason: 'error' in judged ? judged.error : null,
  }, row)
}

/** Most subjects stand in a slot where they stood in the one before: what is there already is not written again. */
function write(tx: Transaction, row: StateRow, before: StateRow | undefined) {
  if (isDeepStrictEqual(row, before)) return
  const { rule, subjectKey, ...rest } = row
  tx.insert(alertStates).values(row).onConflictDoUpdate({ target: [alertStates.rule, alertStates.subjectKey], set: rest }).run()
}

function update(tx: Transaction, id: string, set: Partial<typeof alerts.$inferInsert>): Alert {
  return toAlert(tx.update(alerts).set(set).where(eq(alerts.id, id)).returning().get()!)
}

function find(tx: Transaction, id: string): Alert | undefined {
  const row = tx.select().from(alerts).where(and(eq(alerts.id, id), isNull(alerts.endedAt))).get()
  return row && toAlert(row)
}

export function toAlert({ subjectKey: _, episode: __, heldBack: ___, runbook: ____, endedAt, ...rest }: typeof alerts.$inferSelect): Alert {
  return { ...rest, ...(endedAt && { endedAt }) }
}

function graver(a: Severity, b: Severity): Severity {
  return severities[Math.max(severities.indexOf(a), severities.indexOf(b))]!
}

const earlier = (a: Date, b: Date) => (a < b ? a : b)
const later = (a: Date, b: Date) => (a > b ? a : b)
