import { describe, expect, it } from 'vitest'
import { chatBody } from '#server/alerting/notifications/chat'
import { writeContent, type StoredNotice } from '#server/alerting/notifications/content'
import { mailText } from '#server/alerting/notifications/mail-text'
import type { Wording } from '#shared/schemas/notification'
import { catalogues } from '#shared/text/catalogues'
import type { Language } from '#shared/text/languages'
import { createText } from '#shared/text/text'
import { notice } from '../../../../support/notice'

const stored = (of: Partial<StoredNotice> = {}): StoredNotice => {
  const { endpointIds: _, key: __, consumers: ___, ...rest } = notice()
  return {
    ...rest, endpoints: [{ id: 'e1', method: 'POST', template: '/api/v1/process', nameKo: '주문 처리', nameEn: 'Order processing' }], consumers: [{ id: 'partner-a', name: 'Partner A' }, { id: 'partner-b', name: '' }], ...of,
  }
}

function written(notices: StoredNotice[], { language = 'en', wording = 'full' }: { language?: Language, wording?: Wording } = {}) {
  const text = createText(catalogues[language], { language, zone: 'Asia/Seoul' }, { now: () => new Date('2026-11-23T05:32:10Z') })
  const frame = { text, wording, environment: 'production', origin: 'https://bongsu.example' }
  const content = writeContent(notices, frame)
  return { content, mail: mailText(content, { ...frame, recipient: 'ops' }), chat: JSON.parse(chatBody(content, text)) as { text: string, attachments: { title: string, title_link: string, text: string, color: string, fields: { title: string, value: string }[] }[] } }
}

describe('one incident', () => {
  it.each([
    ['en', '[production] INC-128 opened: business-service calls external-api; each slow call is cut at 8.00 s.', 'INC-128 · critical · opened', 'Nov 23 14:18 KST'],
    ['ko', '[production] INC-128 발생: business-service가 external-api를 호출하며, 느린 호출은 모두 8.0초에서 끊깁니다.', 'INC-128 · 위험 · 발생', '11월 23일 14:18 KST'],
  ] as const)('is told in the language of its reader (%s), with the zone named', (language, subject, head, when) => {
    const { content, mail, chat } = written([stored()], { language })
    expect(content).toMatchObject({ subject, told: [{ head, when }] })
    for (const words of [head, when, 'POST /api/v1/process', 'Partner A, partner-b']) expect(mail).toContain(words)
    expect(chat).toMatchObject({ text: head, attachments: [{ title_link: 'https://bongsu.example/incidents/incident-128', color: '#d93632' }] })
  })

  it.each([
    ['en', 'opened', 'Order processing: not working as usual.'], ['en', 'resolved', 'Order processing: works as usual again.'], ['ko', 'opened', '주문 처리: 평소처럼 동작하지 않습니다.'], ['ko', 'reopened', '주문 처리: 다시 평소처럼 동작하지 않습니다.'],
  ] as const)('is told in plain words (%s, %s): what people call it, no service, no reason', (language, event, title) => {
    const { content, mail } = written([stored({ kind: `incident.${event}` })], { language, wording: 'plain' })
    expect(content.told[0]).toMatchObject({ title, facts: [], services: [] })
    expect(content.subject + mail).not.toMatch(/business-service|external-api|\/api\/v1/)
  })

  it('is told as it is now, where several of its notices come together', () => {
    const { content, chat } = written([stored(), stored({ kind: 'incident.resolved' })])
    expect(content.told).toHaveLength(1)
    expect(content.subject).toContain('INC-128 resolved')
    expect(chat.attachments[0]!.color).toBe('#469974')
  })
})

describe('one that goes on as part of another', () => {
  const merger = { code: 'incidents.fact.merged', params: { number: 'INC-127' } } as const

  it.each([
    ['en', 'plain', 'part of another', 'Order processing: still not working as usual.', 'It is part of INC-127 now and goes on there.'],
    ['ko', 'plain', '합쳐짐', '주문 처리: 아직 평소처럼 동작하지 않습니다.', 'INC-127로 합쳐져 그쪽에서 이어집니다.'],
    ['en', 'full', 'part of another', 'business-service calls external-api; each slow call is cut at 8.00 s.', 'It is part of INC-127 now and goes on there.'],
  ] as const)('is never called resolved to whoever reads it (%s, %s), while programs hear that its number is closed', (language, wording, word, title, fact) => {
    const { content, mail, chat } = written([stored(), stored({ kind: 'incident.resolved', facts: [merger] })], { language, wording })
    expect(content.told[0]).toMatchObject({ event: 'resolved', title, facts: [fact], head: expect.stringContaining(word) as string })
    expect(content.subject).toContain(`INC-128 ${word}`)
    expect(mail + JSON.stringify(chat)).not.toMatch(/resolved|works as usual again|해결|다시 평소처럼 동작합니다/)
    expect(chat.attachments[0]!.color).toBe('#d93632')
  })
})

describe('what people said', () => {
  const update = { code: 'incidents.said.update', params: { text: { ko: '복구 중입니다.', en: 'It is being repaired.' } } } as const

  it.each([['full', true], ['plain', false]] as const)('is told in either wording, in the language of the reader (%s)', (wording, hasReason) => {
    const { content } = written([stored({ kind: 'incident.news', facts: [update, ...stored().facts] })], { wording, language: 'ko' })
    expect(content.told[0]).toMatchObject({ event: 'news', facts: hasReason ? ['소식: 복구 중입니다.', expect.stringContaining('64')] : ['소식: 복구 중입니다.'] })
  })

  it.each([
    ['en', 'full', 'INC-128 · critical · assigned', 'business-service calls external-api; each slow call is cut at 8.00 s.', 'ops-01 assigned it to you.'],
    ['ko', 'plain', 'INC-128 · 위험 · 배정', '주문 처리: 담당자로 배정되었습니다.', 'ops-01이 담당자로 배정했습니다.'],
  ] as const)('says to whom it was assigned, and by whom (%s, %s)', (language, wording, head, title, fact) => {
    const { content } = written([stored({ kind: 'incident.assigned', facts: [{ code: 'incidents.said.assigned', params: { name: 'ops-01' } }] })], { language, wording })
    expect(content.told[0]).toMatchObject({ event: 'assigned', head, title, facts: [fact] })
  })

  it('is not lost where its end comes with it', () => {
    const { content } = written([stored({ kind: 'incident.news', facts: [update] }), stored({ kind: 'incident.resolved', facts: [] })], { wording: 'plain' })
    expect(content.told).toMatchObject([{ event: 'resolved', facts: ['News: It is being repaired.'] }])
  })

  it('is told of no incident, too', () => {
    const { content, mail } = written([stored({ kind: 'incident.reported', incidentId: null, number: null, services: [], endpoints: [], consumers: [], facts: [], path: '/incidents', title: { code: 'incidents.said.report', params: { name: 'support-02', text: 'partner-shop waits' } } })], { wording: 'plain' })
    expect(content).toMatchObject({ subject: '[production] report: support-02 reports: partner-shop waits', told: [{ incident: null, head: 'report' }] })
    expect(mail).toContain('All incidents: https://bongsu.example/incidents')
  })
})

describe('several incidents', () => {
  const many = [stored({ incidentId: 'a', number: 1, severity: 'warning' }), stored({ incidentId: 'b', number: 2, kind: 'incident.resolved' }), stored({ incidentId: 'c', number: 3 })]

  it('are one message, what burns first', () => {
    const { content, mail, chat } = written(many)
    expect(content).toMatchObject({ subject: '[production] 3 incidents: 2 open, 1 resolved', more: 0 })
    expect(content.told.map(({ incident }) => incident!.number)).toEqual(['INC-3', 'INC-1', 'INC-2'])
    expect(mail).toContain('All incidents: https://bongsu.example/incidents')
    expect(chat).toMatchObject({ text: '3 incidents: 2 open, 1 resolved', attachments: [{}, {}, {}] })
    expect(chat.attachments[0]!.title).toContain('INC-3 · critical · opened')
  })

  it('are named up to twenty, and counted', () => {
    const { content, mail } = written(Array.from({ length: 25 }, (_, i) => stored({ incidentId: `i${i}`, number: i })))
    expect([content.told.length, content.more]).toEqual([20, 5])
    expect(mail).toContain('and 5 more')
  })
})

describe('names that mean harm', () => {
  const hostile = (name: string) => written([stored({ title: { code: 'diagnosis.title.error_edge', params: { service: name, remote: name, operation: name } }, services: [name], consumers: [{ id: name, name }] })])

  it.each(['a\r\nBcc: victim@example.com', 'a\u2028b', 'a\u0000b', `x${'y'.repeat(5_000)}`])('end no line: %j', (name) => {
    const { content, mail } = hostile(name)
    expect(content.subject).not.toMatch(/[\p{Cc}\u2028]/u)
    expect(content.subject.length).toBeLessThanOrEqual(500)
    expect(mail.split('\n').every(line => !line.startsWith('Bcc:'))).toBe(true)
  })

  it('turn no reading direction', () => {
    expect(hostile('gateway\u202Etxt.exe').content.told[0]!.title).not.toContain('\u202E')
  })

  it.each(['<!channel>', '<https://evil.example|https://bongsu.example>', '@channel', '@here', '@all', '[click](https://evil.example)', '![x](https://evil.example/p.png)'])('call no room together and are no link: %s', (name) => {
    const { text, attachments } = hostile(name).chat
    const words = JSON.stringify([text, attachments.map(({ title_link: _, ...rest }) => rest)])
    expect(words).not.toMatch(/<[!h]|@(?:channel|here|all)|\]\(/)
  })
})
