import type { FullIncident } from '#shared/schemas/full-incident'
import type { Incident } from '#shared/schemas/incident-detail'
import type { IncidentLine } from '#shared/schemas/incident-list'
import type { PlainIncident } from '#shared/schemas/plain-incident'
import type { TextKey } from '#shared/text/text'

/** 23 November 2026, 14:32:10 in Seoul: two thirds of the calls to external-api are cut at 8.0 s, for 13 minutes now. */
export const storyTime = '2026-11-23T05:32:10.000Z'
const clock = (time: string) => new Date(`2026-11-23T${time}+09:00`).toISOString()
const micros = (time: string) => Date.parse(clock(time)) * 1_000
export const onset = clock('14:18:40')
const process = { id: '019a0000-0000-7000-8000-000000000001', method: 'POST', template: '/api/v1/process', nameKo: '외부 처리 요청', nameEn: 'External processing' }
const other = (n: number, nameKo: string, nameEn: string) => ({ id: `019a0000-0000-7000-8000-00000000001${n}`, method: 'GET', template: `/api/v1/${nameEn.toLowerCase()}`, nameKo, nameEn })
/** What is no key of the catalogue is shown as it is, in any language. */
const said = (ko: string, _en: string) => ({ code: ko as TextKey })
const squares = { of: 10 as const, hit: 6, text: said('10건 중 6건이 약 8초 기다린 뒤 실패', '6 in 10 fail after about 8 seconds') }

export function plainStory(patch: Partial<PlainIncident> = {}): PlainIncident {
  const told = { state: 'told' as const, by: 'support-02', at: clock('14:24:00'), note: '' }
  const open = { state: 'open' as const, by: null, at: null, note: '' }
  const consumer = (id: string, failed: number, total: number, who: PlainIncident['consumers'][number]['told']) => ({ id, name: id, contact: `${id}@partner.example`, failed, slow: 0, total, firstAt: onset, lastAt: clock('14:32:05'), told: who })
  return {
    endpoints: [process],
    headline: said('‘외부 처리 요청’이 느리거나 실패합니다', '‘External processing’ is slow or fails'),
    since: said('11월 23일 오후 2시 18분부터 14분째, 아직 해결되지 않음', 'Since 2:18 pm on Nov 23, for 14 minutes, not solved yet'),
    squares,
    cause: said('연결된 외부 서비스의 응답이 늦은 것이 원인으로 보입니다. 늦은 요청은 8초에서 끊겨 실패로 끝납니다.', 'An outside service that our systems call answers late. Late requests are cut after 8 seconds and fail.'),
    confidence: said('원인 확신: 높음', 'How sure: high'),
    doing: said('담당자를 정하는 중입니다.', 'Somebody is being found to take it.'),
    consumers: [consumer('partner-shop', 902, 1_410, told), consumer('partner-pay', 391, 611, open), consumer('mobile-app', 210, 328, { ...open, state: 'not_needed' })],
    unknown: { failed: 0, slow: 0, total: 0 },
    others: [['주문', 'Orders'], ['결제', 'Payments'], ['상품 조회', 'Products'], ['정산', 'Settlement']].map(([ko, en], i) => ({ ...other(i, ko!, en!), state: 'healthy' as const, since: null as string | null }))
      .concat([{ ...other(9, '알림', 'Notices'), state: 'unknown' as never, since: clock('14:24:51') }]),
    requests: {
      from: clock('14:02:00'), step: 60_000, keptAt: null,
      ok: Array.from({ length: 30 }, (_, i) => i < 16 ? 172 + i % 5 : 66 + i % 4),
      failed: Array.from({ length: 30 }, (_, i) => i < 16 ? 0 : i === 16 ? 36 : 108 + i % 4),
    },
    reports: [],
    repeat: { answer: 'no', text: said('아직은 안 됩니다', 'Not yet') },
    answers: [
      { question: said('다시 보내도 되나요?', 'May it be sent again?'), answer: said('아직은 안 됩니다. 실패로 응답한 요청도 뒤에서 처리된 경우가 있어 두 번 처리될 수 있습니다.', 'Not yet. What was answered as failed may have been carried out, so it could happen twice.') },
      { question: said('언제 고쳐지나요?', 'When will it be fixed?'), answer: said('아직 알 수 없습니다. 오후 3시에 다시 안내한다고 말씀하세요.', 'Nobody knows yet. Say that there will be news at 3:00 pm.') },
    ],
    partnerText: { ko: '안녕하세요. 11월 23일 오후 2시 18분부터 ‘외부 처리 요청’(POST /api/v1/process)이 느려지거나 실패하고 있습니다.', en: 'Hello. Since 2:18 pm on Nov 23, External processing (POST /api/v1/process) has been slow or failing.', at: clock('14:31:00') },
    nextUpdateAt: clock('15:00:00'),
    updates: [
      { id: 'u2', at: clock('14:24:00'), sentence: said('partner-shop에 안내함', 'partner-shop told'), text: null, by: 'support-02' },
      { id: 'u1', at: clock('14:22:10'), sentence: null, text: { ko: '외부 서비스의 응답이 늦어 실패가 늘고 있습니다.', en: '' }, by: 'support-02' },
    ],
    ...patch,
  }
}

const classes = (entries: [from: number, to: number, requests: number][]) => entries.map(([from, to, requests]) => ({ from: from * 1_000, to: to * 1_000, requests }))

export function fullStory(patch: Partial<FullIncident> = {}): FullIncident {
  const culprit = { service: 'business-service', operation: 'external.api.call', remote: 'external-api', type: 'timeout' as const }
  const row = (service: string, remote: string | null, duration: number, extra: object = {}) => ({ kind: remote ? 'edge' as const : 'local' as const, service, operation: 'POST /api/v1/process', remote, change: duration, duration, rate: 0, product: 0, ...extra })
  const evidence = [
    { code: 'diagnosis.evidence.limit' as const, params: { cut: 150, slow: 152, limit: { micros: 8_000_000 } } },
    { code: 'diagnosis.evidence.change' as const, params: { service: 'business-service', what: 'external.timeout 3 s → 8 s', at: { at: clock('14:16:52'), precision: 'second' as const }, ago: { micros: 108e6 } } },
    { code: 'diagnosis.evidence.times' as const, params: { subject: 'business-service → external-api', before: { micros: 156_000 }, after: { micros: 8_000_000 }, before95: { micros: 298_000 }, after95: { micros: 8_000_000 }, count: 235 } },
    { code: 'diagnosis.evidence.even' as const, params: { attribute: 'service.version', count: 4 } },
  ]
  const entry = (id: string, kind: FullIncident['timeline'][number]['kind'], time: string, ko: string, en: string, patch: object = {}) => ({ id, kind, at: clock(time), title: said(ko, en), detail: null, text: null, update: null, by: null, change: null, ...patch })
  return {
    title: { code: 'diagnosis.title.timeout', params: { service: 'business-service', operation: 'external.api.call', remote: 'external-api', limit: { micros: 8_000_000 } } },
    culprit, qualifier: null,
    diagnosis: {
      at: micros('14:19:31'), onset: micros('14:18:40'), incident: { from: micros('14:18:40'), to: micros('14:32:10') }, baseline: { from: micros('13:18:40'), to: micros('14:18:40') },
      symptom: 'latency', affected: [{ service: 'api-gateway', operation: 'POST /api/v1/process' }], culprit, qualifier: null,
      title: { code: 'diagnosis.title.timeout', params: { service: 'business-service', remote: 'external-api', limit: { micros: 8_000_000 } } },
      confidence: 'high', confidenceReason: { code: 'diagnosis.confidence.stable', params: { same: 50, draws: 50, explained: { ratio: 0.989 }, count: 235 } },
      runnersUp: [
        { culprit: { service: 'api-gateway', operation: 'openapi.process.request', remote: null, type: 'slow_local' }, explains: 0.003, whyNot: { code: 'diagnosis.whyNot.inside', params: { share: { ratio: 0.997 }, winner: 'business-service' } } },
        { culprit: { service: 'auth-service', operation: 'Token Validation', remote: null, type: 'slow_local' }, explains: 0.001, whyNot: { code: 'diagnosis.whyNot.smaller', params: { share: { ratio: 0.001 }, winner: 'business-service', winnerShare: { ratio: 0.989 } } } },
      ],
      second: null, evidence,
      decomposition: {
        before: 660_000, after: 5_940_000,
        rows: [
          row('business-service', 'external-api', 5_222_000, { note: { code: 'diagnosis.note.waits', params: { service: 'business-service', limit: { micros: 8_000_000 } } } }),
          row('business-service', null, 37_000), row('api-gateway', null, 16_000), row('auth-service', null, 5_000),
        ],
      },
      exemplars: [], caveats: [{ code: 'diagnosis.caveat.sampled', params: { count: 10 } }],
    },
    pending: null,
    evidence: evidence.map((sentence, i) => ({ sentence, link: i === 1 ? null : { page: (['traces', 'traces', 'metrics', 'logs'] as const)[i]!, query: { service: 'business-service' } as Record<string, string> } })),
    picture: {
      kind: 'durations', subject: 'business-service → external-api', limit: 8_000_000,
      usual: classes([[70, 90, 300], [90, 115, 1_400], [115, 148, 3_000], [148, 190, 3_300], [190, 243, 1_700], [243, 311, 600], [311, 398, 120]]),
      now: classes([[90, 115, 6], [115, 148, 12], [148, 190, 16], [190, 243, 12], [243, 311, 8], [1_000, 1_300, 6], [2_000, 2_600, 7], [4_000, 5_200, 7], [7_900, 8_200, 150]]),
    },
    exemplars: [['14:31:52', 8_610, 'partner-shop', true], ['14:31:40', 8_580, 'partner-pay', true], ['14:21:07', 8_560, 'partner-shop', true], ['14:17:55', 652, 'partner-shop', false]].map(([time, ms, consumer, failed], i) => ({
      traceId: `${i}`.repeat(32), kind: failed ? 'failed' as const : 'normal' as const, startedAt: clock(String(time)), duration: Number(ms) * 1_000, status: failed ? 502 : 200, failed: Boolean(failed), consumer: String(consumer),
      path: [{ service: 'api-gateway', micros: 60_000 }, { service: 'business-service', micros: 500_000 }, { service: 'external-api', micros: Number(ms) * 1_000 - 560_000 }], spanAt: micros(String(time)) + 500_000, frozen: i < 2,
    })),
    impact: {
      failed: 1_503, slow: 0, total: 2_349, share: 0.64, shareOfAll: 0.044,
      consumers: [['partner-shop', 902, 1_410], ['partner-pay', 391, 611], ['mobile-app', 210, 328]].map(([id, failed, total]) => ({ id: String(id), name: String(id), contact: `${id}@partner.example`, failed: Number(failed), slow: 0, total: Number(total), share: 0.05, firstAt: onset, lastAt: clock('14:32:05') })),
      endpoints: [{ ...process, service: 'api-gateway', failed: 1_503, slow: 0, total: 2_349, limit: 1_000_000 }],
      matrix: {
        from: onset, step: 60_000, steps: 14,
        cells: [['partner-shop', 902, 1_410], ['partner-pay', 391, 611], ['mobile-app', 210, 328]].map(([consumer, failed, total]) => ({ consumer: String(consumer), endpoint: 0, failed: Number(failed), slow: 0, total: Number(total), bad: Array.from({ length: 14 }, () => Number(failed) / 14), totals: Array.from({ length: 14 }, () => Number(total) / 14) })),
      },
      window: { from: onset, to: storyTime }, population: { kind: 'all' }, warnings: [],
    },
    timeline: [
      entry('t1', 'change', '14:16:52', 'business-service 설정 변경', 'business-service configuration', { detail: said('external.timeout 3 s → 8 s', 'external.timeout 3 s → 8 s') }),
      entry('t2', 'onset', '14:18:40', '장애 시작', 'Onset'),
      entry('t3', 'opened', '14:19:01', '감지, 21초 뒤', 'Detected after 21 s', { detail: said('실패 비율 20% 초과, 2회 연속', 'more than 20% failed, twice in a row') }),
      entry('t4', 'diagnosed', '14:19:02', '진단 1차', 'First diagnosis'),
      entry('t5', 'update', '14:22:10', '고객 지원 공지', 'Public update', { update: { ko: '외부 서비스의 응답이 늦어 실패가 늘고 있습니다.', en: '' }, by: 'support-02' }),
    ],
    alerts: [
      { id: 'a1', rule: 'endpoint-failing', origin: 't1', subject: { service: 'api-gateway', method: 'POST', routeKey: '/api/v1/process' }, severity: 'critical', onset, startedAt: clock('14:19:01'), lastFiredAt: clock('14:32:00'), endedAt: null, reason: said('실패 64.0%, 기준 20%', '64.0% failed, limit 20%'), runbook: '' },
      { id: 'a2', rule: 'service-slow', origin: 't1', subject: { service: 'external-api' }, severity: 'critical', onset, startedAt: clock('14:19:01'), lastFiredAt: clock('14:32:00'), endedAt: null, reason: said('p95 11.4 s, 한계 2.0 s의 4배 넘음', 'p95 11.4 s, more than four times the limit of 2.0 s'), runbook: 'https://wiki.example/slow' },
    ],
    firing: 2, reopensAt: null,
    related: [], proposal: said('external.timeout을 변경 전 값 3 s로 되돌리면 요청이 3초 안에 실패로 끝나 연결이 쌓이지 않습니다.', 'Set external.timeout back to 3 s: requests then fail within 3 s and connections do not pile up.'),
    endedBy: null, cause: null,
    frozen: { bytes: 214 * 1024, traces: 4, lines: 12, charts: 3 },
    colours: { 'api-gateway': 1, 'auth-service': 2, 'external-api': 3, 'business-service': 4 },
    ...patch,
  }
}

export function incidentStory(patch: Partial<Incident> = {}): Incident {
  return {
    id: '019a0000-0000-7000-8000-000000000128', number: 128, revision: 7, status: 'open', severity: 'critical', worst: 'critical',
    onset, detectedAt: clock('14:19:01'), openedAt: clock('14:19:01'), acknowledgedAt: null, acknowledgedBy: null, resolvedAt: null, resolvedBy: null, assignee: null, mergedInto: null,
    timeToAcknowledge: null, timeToResolve: null, reopened: 0, following: false, plain: plainStory(), full: fullStory(), at: storyTime, ...patch,
  }
}

export function lineStory(patch: Partial<IncidentLine> = {}): IncidentLine {
  const { id, number, status, severity, worst, detectedAt, resolvedAt, assignee, plain, full } = incidentStory()
  return {
    id, number, status, severity, worst, headline: plain.headline, onset, detectedAt, resolvedAt, assignee, endpoints: plain.endpoints, squares,
    consumers: plain.consumers.map(({ id, name, told }) => ({ id, name, told: told.state })), repeat: plain.repeat, nextUpdateAt: plain.nextUpdateAt,
    operator: { title: full!.title, culprit: full!.culprit, confidence: 'high', failed: 1_503, slow: 0 }, ...patch,
  }
}
