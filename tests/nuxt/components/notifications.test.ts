import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { expect, it, vi } from 'vitest'
import ChannelList from '~~/components/notification/ChannelList.vue'
import MessageLog from '~~/components/notification/MessageLog.vue'
import NotificationRouteForm from '~~/components/notification/NotificationRouteForm.vue'
import type { ChannelView, MessageView, NotificationSetup, RouteView } from '#shared/schemas/notification'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

const at = '2026-11-23T05:29:12.000Z'
const channel: ChannelView = {
  id: 'c1', name: 'On call', kind: 'webhook', target: 'hooks.example', recipients: [], signed: true, rotatingUntil: null, language: 'en', zone: 'UTC', wording: 'full', enabled: true, goneAt: null, updatedAt: at,
  health: { failures: 0, lastTriedAt: null, lastSentAt: null, answer: null },
}
const route: RouteView = { id: 'r1', channelId: 'c1', severity: 'critical', teams: ['Payments', ''], events: ['opened', 'resolved'], quietFrom: null, quietTo: null, zone: 'UTC', criticalPierces: true, enabled: true }
const setup = (of: Partial<NotificationSetup> = {}): NotificationSetup => ({ channels: [channel], routes: [route], personal: [], teams: ['Payments'], mailFrom: null, dead: 0, waiting: 0, at, ...of })
const message = (of: Partial<MessageView> = {}): MessageView => ({
  id: 'm1', destination: 'channel:c1', recipient: 'On call', state: 'dead', createdAt: at, nextAt: null, finishedAt: at,
  notices: [{ kind: 'incident.opened', incidentId: 'i1', number: 128, severity: 'critical', title: { code: 'diagnosis.title.none', params: { window: '14:18' } }, at }],
  attempts: [1, 2].map(number => ({ number, at, took: 12, succeeded: false, answer: { code: 'notifications.answer.failing', params: { status: '500' } } })), ...of,
})

it('a channel says where it leads, what it is told, and how it is doing', async () => {
  const list = await mountSuspended(ChannelList, { props: { setup: setup() } })
  expect(list.text()).toContain('hooks.example')
  expect(list.text()).toMatch(/위험만 · Payments 담당, 담당 없음 · 발생, 해결|critical only · of Payments, without owner · opened, resolved/)
  expect(list.text()).toMatch(/아직 보낸 것 없음|Nothing sent yet/)
  const failing = await mountSuspended(ChannelList, { props: { setup: setup({ channels: [{ ...channel, health: { failures: 4, lastTriedAt: at, lastSentAt: null, answer: { code: 'notifications.answer.refused' } } }] }) } })
  expect(failing.text()).toMatch(/4번 연달아 실패|4 tries failed in a row/)
  expect(failing.text()).toMatch(/연결이 거부되었습니다|The connection was refused/)
})

it('the test button shows what came back', async () => {
  registerEndpoint('/api/notifications/channels/c1/test', { method: 'POST', handler: () => ({ sent: false, answer: { code: 'notifications.answer.timeout' }, took: 10_000 }) })
  const list = await mountSuspended(ChannelList, { props: { setup: setup() } })
  await list.findAll('button').find(button => /시험|Test/.test(button.text()))!.trigger('click')
  await vi.waitFor(() => expect(list.get('[role=status]').text()).toMatch(/10초 안에 답이 없었습니다|No answer within 10 s/))
  expect(list.emitted('tested')).toHaveLength(1)
})

it('the log says what each message was about, and offers what was given up again', async () => {
  const log = await mountSuspended(MessageLog, { props: { page: { messages: [message(), message({ id: 'm2', state: 'sent', notices: [{ kind: 'test', incidentId: null, number: null, severity: 'warning', title: { code: 'notifications.message.test.title' }, at }] })], next: null, held: 3 } } })
  const rows = log.findAll('tbody tr')
  expect(rows[0]!.text()).toMatch(/INC-128/)
  expect(rows[0]!.findAll('ol li')).toHaveLength(2)
  expect(rows.map(row => row.findAll('button').length)).toEqual([1, 0])
  expect(log.text()).toMatch(/알림 3건을 미뤄|3 notices are held back/)
})

it('a route that is changed shows what it is, teams that nobody names any more included', async () => {
  const form = await mountSuspended(NotificationRouteForm, { props: { route: { ...route, teams: ['Gone'], quietFrom: '22:00', quietTo: '08:00' }, channelId: 'c1', teams: ['Payments'] } })
  expect(form.findAll('input[type=time]').map(input => (input.element as HTMLInputElement).value)).toEqual(['22:00', '08:00'])
  const checked = form.findAll('input[type=checkbox]').filter(input => (input.element as HTMLInputElement).checked).map(input => input.element.closest('label')!.textContent)
  expect(checked).toEqual(expect.arrayContaining([expect.stringContaining('Gone')]))
  expect(checked).not.toEqual(expect.arrayContaining([expect.stringContaining('Payments')]))
})
