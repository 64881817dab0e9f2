import { describe, expect, it } from 'vitest'
import { isCalm, severityOf } from '#server/incidents/incident-rules'
import type { Severity } from '#shared/alerting/severity'

const now = new Date('2026-11-23T05:32:10Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const alert = (severity: Severity, endedAgo?: number, firedAgo = endedAgo ?? 0) => ({ severity, lastFiredAt: ago(firedAgo), endedAt: endedAgo === undefined ? null : ago(endedAgo) })

describe('the severity of an incident', () => {
  it.each<[string, ReturnType<typeof alert>[], Severity]>([
    ['is the worst of what fires', [alert('warning'), alert('critical')], 'critical'],
    ['falls when the worst is over', [alert('warning'), alert('critical', 5)], 'warning'],
    ['is not lowered by an insight that is left', [alert('info'), alert('critical', 5)], 'critical'],
    ['stays as it was when nothing fires', [alert('critical', 5), alert('warning', 1)], 'critical'],
  ])('%s', (_, alerts, expected) => {
    expect(severityOf(alerts, 'critical')).toBe(expected)
  })
})

describe('an incident is over', () => {
  it.each<[string, ReturnType<typeof alert>[], boolean]>([
    ['60 s after the last alert fired', [alert('critical', 60), alert('warning', 80)], true],
    ['not after 59 s', [alert('critical', 59)], false],
    ['not while one has not ended, as when its rule cannot be asked', [alert('critical', undefined, 600), alert('warning', 80)], false],
    ['by when it fired, not by when that was noticed', [alert('critical', 1, 61)], true],
    ['whatever an insight says', [alert('critical', 60), alert('info')], true],
  ])('%s', (_, alerts, expected) => {
    expect(isCalm(alerts, now)).toBe(expected)
  })
})
