import { describe, expect, it } from 'vitest'
import { quietUntil } from '#server/alerting/notifications/quiet-hours'
import { earliest, wayOf, type RouteRules, type Told } from '#server/alerting/notifications/routing'

const route = (rules: Partial<RouteRules> = {}): RouteRules => ({
  severity: 'warning', teams: null, events: ['opened', 'updated', 'resolved', 'reopened'], quietFrom: null, quietTo: null, zone: 'Asia/Seoul', criticalPierces: true, ...rules,
})
// 14:32 in Seoul.
const told = (of: Partial<Told> = {}): Told => ({ event: 'opened', severity: 'critical', teams: ['Payments'], known: false, at: new Date('2026-11-23T05:32:00Z'), ...of })

describe('what a route carries', () => {
  it.each<[string, Partial<RouteRules>, Partial<Told>, 'now' | 'never']>([
    ['everything, where nothing is said', {}, {}, 'now'],
    ['warnings, where it asks for them', {}, { severity: 'warning' }, 'now'],
    ['no warning, where it asks for what is critical', { severity: 'critical' }, { severity: 'warning' }, 'never'],
    ['what its team owns', { teams: ['payments '] }, {}, 'now'],
    ['what its team owns among others', { teams: ['Payments'] }, { teams: ['Accounts', 'Payments'] }, 'now'],
    ['nothing of another team', { teams: ['Accounts'] }, {}, 'never'],
    ['nothing without owner, unless asked', { teams: ['Payments'] }, { teams: [''] }, 'never'],
    ['what has no owner, where asked', { teams: ['Payments', ''] }, { teams: [''] }, 'now'],
    ['no event it does not name', { events: ['opened'] }, { event: 'updated', known: true }, 'never'],
    ['no change of what it never heard of, where it does not carry what opens', { events: ['resolved'] }, { event: 'updated' }, 'never'],
    ['what has grown critical, where it carries what is critical and opens', { severity: 'critical', events: ['opened'] }, { event: 'updated' }, 'now'],
    ['no change of what is still a warning, there', { severity: 'critical', events: ['opened'] }, { event: 'updated', severity: 'warning' }, 'never'],
    ['what has come to be its team’s, where it carries what opens', { teams: ['Payments'], events: ['opened'] }, { event: 'updated', teams: ['Accounts', 'Payments'] }, 'now'],
    ['what opens again worse than it was', { severity: 'critical', events: ['opened'] }, { event: 'reopened' }, 'now'],
    ['the end of what it has told of, even as a warning', { severity: 'critical' }, { event: 'resolved', severity: 'warning', known: true }, 'now'],
    ['the end of what it has told of, even with another team', { teams: ['Accounts'] }, { event: 'resolved', known: true }, 'now'],
    ['every report, whatever it carries else', { severity: 'critical', teams: ['Accounts'], events: ['reported'] }, { event: 'reported', severity: 'warning' }, 'now'],
    ['no report, where it names none', {}, { event: 'reported' }, 'never'],
    ['no news, unless somebody follows', {}, { event: 'news', known: true }, 'never'],
    ['nothing that concerns one person alone', {}, { event: 'assigned', known: true }, 'never'],
    ['all of what somebody follows', { severity: 'critical', teams: ['Accounts'], events: ['opened'] }, { event: 'news', severity: 'warning', followed: true }, 'now'],
    ['no end, where it names none', { events: ['opened'] }, { event: 'resolved', known: true }, 'never'],
  ])('%s', (_, rules, of, expected) => {
    expect(wayOf(route(rules), told(of))).toBe(expected)
  })

  const night = { quietFrom: '22:00', quietTo: '08:00' }
  const atNight = new Date('2026-11-23T15:00:00Z')
  it.each<[string, Partial<RouteRules>, Partial<Told>, string]>([
    ['a warning waits for the end of the quiet', night, { severity: 'warning', at: atNight }, '2026-11-23T23:00:00.000Z'],
    ['what somebody follows waits, too', night, { severity: 'warning', event: 'news', followed: true, at: atNight }, '2026-11-23T23:00:00.000Z'],
    ['what is critical pierces it, where chosen', night, { at: atNight }, 'now'],
    ['what is critical waits too, where not', { ...night, criticalPierces: false }, { at: atNight }, '2026-11-23T23:00:00.000Z'],
  ])('%s', (_, rules, of, expected) => {
    const way = wayOf(route(rules), told(of))
    expect(way instanceof Date ? way.toISOString() : way).toBe(expected)
  })

  it('takes the earliest of several ways to the same place', () => {
    const [early, late] = [new Date(1), new Date(2)]
    expect(earliest(['never', late, early])).toBe(early)
    expect(earliest([late, 'now'])).toBe('now')
    expect(earliest(['never'])).toBe('never')
    expect(earliest([])).toBe('never')
  })
})

describe('quiet hours', () => {
  it.each([
    ['22:00', '08:00', 'Asia/Seoul', '2026-11-23T12:59:59Z', undefined],
    ['22:00', '08:00', 'Asia/Seoul', '2026-11-23T13:00:00Z', '2026-11-23T23:00:00.000Z'],
    ['22:00', '08:00', 'Asia/Seoul', '2026-11-23T16:00:00Z', '2026-11-23T23:00:00.000Z'],
    ['22:00', '08:00', 'Asia/Seoul', '2026-11-23T22:59:59Z', '2026-11-23T23:00:00.000Z'],
    ['22:00', '08:00', 'Asia/Seoul', '2026-11-23T23:00:00Z', undefined],
    ['12:00', '13:00', 'Asia/Seoul', '2026-11-23T03:30:00Z', '2026-11-23T04:00:00.000Z'],
    ['12:00', '13:00', 'Asia/Seoul', '2026-11-23T04:00:00Z', undefined],
    ['22:00', '08:00', 'UTC', '2026-11-23T16:00:00Z', undefined],
    // Clocks are put forward in this night, and back in that one.
    ['22:00', '08:00', 'Europe/Berlin', '2026-03-28T22:00:00Z', '2026-03-29T06:00:00.000Z'],
    ['22:00', '08:00', 'Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T07:00:00.000Z'],
  ])('from %s to %s in %s, asked at %s, end at %s', (quietFrom, quietTo, zone, at, end) => {
    expect(quietUntil({ quietFrom, quietTo, zone }, new Date(at))?.toISOString()).toBe(end)
  })

  it('are none where none are set', () => {
    expect(quietUntil({ quietFrom: null, quietTo: null, zone: 'UTC' }, new Date())).toBeUndefined()
  })
})
