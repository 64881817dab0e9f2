import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { KeyActor } from '#server/access/access'
import { alertmanagerMessage } from '#shared/schemas/alertmanager'
import { MINUTE } from '#shared/units'
import { createTestAlerting } from '../../../support/alerting'
import { refusalOf } from '../../../support/registry'

const recorded = JSON.parse(readFileSync(new URL('../../../fixtures/alertmanager/webhook.json', import.meta.url), 'utf8'))
const key = (services: string[] | null = null): KeyActor => ({ kind: 'key', id: 'k', name: 'alertmanager', scopes: ['alerts'], services, permissions: new Set() })

function receiver() {
  const room = createTestAlerting()
  const told: string[] = []
  room.alerting.onChanges((tx, changes) => told.push(...changes.map(({ alert, became }) => `${became} ${alert.subject.service}, in ${room.db.$client.inTransaction}`)))
  const send = (change: (message: typeof recorded) => void = () => {}, services: string[] | null = null) => {
    const message = structuredClone(recorded)
    change(message)
    return room.alerting.alertmanager.receive(key(services), alertmanagerMessage.parse(message))
  }
  return { ...room, told, send }
}

describe('alerts of Alertmanager', () => {
  it('fire with the names that they are known by here, all their labels kept', () => {
    const { send, told, alerting } = receiver()
    expect(send()).toEqual({ fired: 2, resolved: 0, unchanged: 0, refused: 0 })
    expect(told).toEqual(['firing api-gateway, in true', 'firing diskwillfill, in true'])
    expect(alerting.firing()).toMatchObject([
      {
        rule: 'alertmanager-b7f21ac85d3f9e04', origin: 'alertmanager', severity: 'critical', onset: new Date('2026-11-29T09:58:12.301Z'),
        subject: { service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process', labels: recorded.alerts[0].labels },
        reason: { code: 'alerting.alertmanager.said', params: { name: 'HighErrorRate', said: 'POST /api/v1/process fails' } },
      },
      { severity: 'warning', subject: { service: 'diskwillfill', labels: { mountpoint: '/var/lib' } }, reason: { code: 'alerting.alertmanager.fires' } },
    ])
  })

  it('sent again change nothing, whatever the spelling of their fingerprint', () => {
    const { send, told, alerting } = receiver()
    send()
    expect(send(message => (message.alerts[0].fingerprint = 'B7F21AC85D3F9E04'))).toEqual({ fired: 0, resolved: 0, unchanged: 2, refused: 0 })
    expect(told).toHaveLength(2)
    expect(alerting.firing()).toHaveLength(2)
  })

  it.each([
    ['https://wiki.example/run?alert=1', 'https://wiki.example/run?alert=1'],
    [' http://wiki.internal:8080/run ', 'http://wiki.internal:8080/run'],
    ['javascript:alert(1)', ''],
    ['https://admin:secret@wiki.example/', ''],
    ['wiki/run', ''],
  ])('bring their run book along, where it is a web page: %s', (runbook_url, shown) => {
    const { send, alerting } = receiver()
    send(message => (message.alerts[0].annotations.runbook_url = runbook_url))
    expect(alerting.overview().firing.map(({ runbook }) => runbook)).toEqual([shown, ''])
  })

  it('take over another run book that they are sent again with', () => {
    const { send, alerting } = receiver()
    const sent = () => alerting.overview().firing[0]!.runbook
    for (const runbook_url of ['https://wiki.example/a', 'https://wiki.example/b']) {
      send(message => (message.alerts[0].annotations.runbook_url = runbook_url))
      expect(sent()).toBe(runbook_url)
    }
    send()
    expect(sent()).toBe('')
  })

  it('are over when it says so, each by itself, and may come back', () => {
    const { send, clock, alerting } = receiver()
    send()
    clock.advance(MINUTE)
    expect(send((message) => {
      message.alerts = [{ ...message.alerts[0], status: 'resolved', endsAt: '2026-11-29T10:00:30Z' }]
    })).toMatchObject({ resolved: 1 })
    expect(alerting.firing().map(({ subject }) => subject.service)).toEqual(['diskwillfill'])
    clock.advance(MINUTE)
    expect(send()).toMatchObject({ fired: 1, unchanged: 1 })
    expect(alerting.history({ limit: 10 }).alerts).toHaveLength(1)
  })

  it('that were over before they were heard of are none', () => {
    const { send, alerting } = receiver()
    expect(send(message => message.alerts.forEach((alert: { status: string }) => (alert.status = 'resolved')))).toEqual({ fired: 0, resolved: 0, unchanged: 2, refused: 0 })
    expect(alerting.history({ limit: 10 }).alerts).toEqual([])
  })

  it('are refused for services that the key does not speak for', () => {
    const { send, alerting } = receiver()
    expect(send(undefined, ['api-gateway'])).toMatchObject({ fired: 1, refused: 1 })
    expect(alerting.firing()).toHaveLength(1)
    expect(refusalOf(() => send(undefined, ['auth-service'])).code).toBe('alertmanager.service_refused')
  })

  it.each<[string, (message: typeof recorded) => void]>([
    ['another version', message => (message.version = '3')],
    ['no fingerprint', message => delete message.alerts[0].fingerprint],
    ['a fingerprint of anything', message => (message.alerts[0].fingerprint = '../x')],
    ['labels that are not text', message => (message.alerts[0].labels.n = { deep: 1 })],
    ['more labels than anybody has', message => Object.assign(message.alerts[0].labels, Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`l${i}`, '']))) ],
    ['more alerts than are taken at once', message => (message.alerts = Array.from({ length: 1_001 }, () => message.alerts[0]))],
  ])('are not read from a message with %s', (_, change) => {
    const message = structuredClone(recorded)
    change(message)
    expect(alertmanagerMessage.safeParse(message).success).toBe(false)
  })
})
