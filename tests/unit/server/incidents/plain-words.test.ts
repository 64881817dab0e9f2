import { describe, expect, it } from 'vitest'
import { plainFactsOf } from '#server/incidents/facts'
import { partnerTextOf } from '#server/incidents/partner-text'
import { answersOf, causeOf, doingOf, headlineOf, repeatOf, sinceOf, squaresOf, type PlainFacts } from '#server/incidents/plain-words'
import { catalogues } from '#shared/text/catalogues'
import { createText, type Sentence } from '#shared/text/text'
import { diagnosisOf, process } from '../../../support/incidents'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'

const zone = 'Asia/Seoul'
const now = new Date('2026-11-23T05:32:10Z')
const [ko, en] = (['ko', 'en'] as const).map(language => createText(catalogues[language], { language, zone }, { now: () => now })) as [ReturnType<typeof createText>, ReturnType<typeof createText>]
const both = (sentence: Sentence) => [ko.sentence(sentence), en.sentence(sentence)]

/** The story of the pictures. */
function facts(rest: Partial<PlainFacts> = {}): PlainFacts {
  return {
    status: 'open', severity: 'critical', endpoints: [process], isEverything: false, onset: new Date('2026-11-23T05:18:40Z'), resolvedAt: null, now,
    hits: { failed: 1_503, slow: 0, total: 2_349 }, diagnosis: diagnosisOf({ symptom: 'latency' }) as SentDiagnosis, isOutside: true, assignee: null, repeat: 'no', nextUpdateAt: new Date('2026-11-23T06:00:00Z'), ...rest,
  }
}

describe('an incident in plain words', () => {
  it('says what is broken, since when, how badly and what is done', () => {
    expect(both(headlineOf(facts()))).toEqual(['‘외부 처리 요청’이 느리거나 실패합니다', '‘External processing’ is slow or fails'])
    expect(both(sinceOf(facts()))).toEqual(['11월 23일 오후 2시 18분부터 14분째, 아직 해결되지 않음', 'Nov 23, since 2:18 pm, for 14 minutes, not solved yet'])
    expect(squaresOf(facts())!.hit).toBe(6)
    expect(both(squaresOf(facts())!.text)).toEqual(['10건 중 6건이 약 8초 기다린 뒤 실패', '6 in 10 fail after about 8 seconds'])
    expect(both(causeOf(facts()))[1]).toBe('It seems that an outside service that our system calls answers slowly. Slow requests are cut after about 8 seconds.')
    expect(both(doingOf(facts()))).toEqual(['담당자를 정하는 중입니다.', 'Somebody is about to take it.'])
    expect(answersOf(facts()).map(({ question, answer }) => [en.sentence(question), en.sentence(answer)])[2]).toEqual(['When will it be fixed?', 'Nobody can say yet. Tell them that they will hear from us by 3:00 pm.'])
  })

  it('says it in the past when it is over', () => {
    const over = facts({ status: 'resolved', resolvedAt: now })
    expect(both(headlineOf(over))).toEqual(['‘외부 처리 요청’이 느리거나 실패했습니다', '‘External processing’ was slow or failed'])
    expect(en.sentence(sinceOf(over))).toBe('Nov 23, 2:18 pm to 2:32 pm, for 14 minutes')
    expect(partnerTextOf(over, zone, { othersAreFine: true }).en).toBe([
      'Hello. On Nov 23 from 2:18 pm to 2:32 pm, requests to ‘External processing’ (POST /api/v1/process) were slow or failed.',
      'This has been solved, and requests are answered normally again. Requests that failed meanwhile may have been carried out: please check their result before you send them again.',
      'We apologise for the inconvenience.',
    ].join('\n\n'))
  })

  it.each<[string, Partial<PlainFacts>, number | undefined, string | undefined]>([
    ['nobody can count', { hits: null }, undefined, undefined],
    ['hardly anybody is hit', { hits: { failed: 4, slow: 0, total: 48_280 } }, 0, 'hardly any request is hit'],
    ['few are', { hits: { failed: 30, slow: 0, total: 1_000 } }, 1, 'fewer than 1 in 20 fail'],
    ['most are slow', { hits: { failed: 0, slow: 63, total: 100 }, diagnosis: null }, 6, '6 in 10 are slow'],
    ['what is slow is unknown', { hits: { failed: 50, slow: null, total: 100 }, diagnosis: null }, 5, '5 in 10 fail'],
    ['all are hit', { hits: { failed: 100, slow: 20, total: 100 }, diagnosis: null }, 10, '10 in 10 fail'],
  ])('draws squares where %s', (_, rest, hit, text) => {
    const squares = squaresOf(facts(rest))
    expect([squares?.hit, squares && en.sentence(squares.text)]).toEqual([hit, text ?? null])
  })

  it.each([['yes', 'Yes.'], ['no', 'Not yet.'], ['unknown', 'Better not.']] as const)('answers whether a request may be repeated: %s', (repeat, begins) => {
    expect(en.sentence(repeatOf(facts({ repeat })).text)).toMatch(new RegExp(`^${begins.replace('.', '\\.')}`))
  })

  it('asks nobody to send again what is only slow, and speaks of no failures', () => {
    const slow = facts({ hits: { failed: 1, slow: 120, total: 1_000 }, diagnosis: diagnosisOf({ symptom: 'latency' }) as SentDiagnosis, repeat: 'no' })
    expect([repeatOf(slow).answer, answersOf(slow).map(({ question }) => question.code)]).toEqual(['needless', ['support.answers.repeat', 'support.answers.when']])
    expect(partnerTextOf(slow, 'Asia/Seoul', { othersAreFine: true }).en).toContain('there is no need to send them again')
    expect(repeatOf({ ...slow, hits: null }).answer).toBe('no')
  })

  it('blames nobody outside for being asked too often', () => {
    const culprit = { service: 'auth-service', operation: 'Token Validation', remote: 'keys.example', type: 'call_rate' as const }
    expect(causeOf(facts({ isOutside: true, diagnosis: diagnosisOf({ culprit }) as SentDiagnosis }))).toEqual({ code: 'support.cause.more_work' })
  })

  it.each([
    ['psp.example', 'an outside service'], ['keys.example:7295', 'an outside service'], ['external-api', 'a part of our own system'],
    ['mysql/openapi', 'a part of our own system'], ['postgresql', 'a part of our own system'], ['redis', 'a part of our own system'],
  ])('says of %s that it is %s', (remote, whose) => {
    const diagnosis = diagnosisOf({ symptom: 'latency', culprit: { service: 'business-service', operation: 'call', remote, type: 'slow_dependency' } }) as SentDiagnosis
    const register = { endpoints: () => [process], services: () => [{ name: 'external-api', display: 'external-api', colour: 1, latencyThreshold: null }] } as never
    const found = plainFactsOf({ row: { status: 'open', severity: 'critical', onset: now, resolvedAt: null, diagnosis, assigneeName: null, nextUpdateAt: null } as never, endpoints: [process], hits: null, register, now })
    expect(en.sentence(causeOf(found))).toContain(whose)
  })

  it('tells partners what they need, and nothing of the inside', () => {
    const text = partnerTextOf(facts(), zone, { othersAreFine: true })
    expect(text.ko).toBe([
      '안녕하세요. 11월 23일 오후 2시 18분부터 ‘외부 처리 요청’ (POST /api/v1/process) 요청이 느려지거나 실패하고 있습니다. 현재 요청 10건 중 6건이 약 8초 기다린 뒤 실패합니다. 다른 기능은 정상입니다.',
      '실패로 응답한 요청도 뒤에서 처리되었을 수 있으니, 처리 결과를 확인하기 전에는 같은 요청을 다시 보내지 않으시기를 부탁드립니다.',
      '연결된 외부 서비스의 응답이 늦은 것이 원인으로 보입니다. 늦은 요청은 약 8초 뒤 끊깁니다. 해결하기 위해 작업하고 있습니다. 오후 3시까지 다시 안내드리겠습니다.',
    ].join('\n\n'))
    const said = [text.ko, text.en, ...[headlineOf, sinceOf, causeOf, doingOf].flatMap(say => both(say(facts())))].join(' ')
    for (const inside of ['business-service', 'external-api', 'api-gateway', 'p95', 'span', '스팬', '트레이스', '%']) expect(said).not.toContain(inside)
  })

  it('lists for partners which calls are hit, where there are several', () => {
    const others = Array.from({ length: 9 }, (_, i) => ({ ...process, method: 'GET', template: `/api/v1/reports/${i}` }))
    const linesOf = (count: number, rest: Partial<PlainFacts> = {}) => partnerTextOf(facts({ endpoints: [process, ...others].slice(0, count), ...rest }), zone, { othersAreFine: false }).en.split('\n\n')
    expect(linesOf(2)[1]).toBe('Affected calls: POST /api/v1/process, GET /api/v1/reports/0.')
    expect(linesOf(2, { status: 'resolved', resolvedAt: now })[1]).toBe(linesOf(2)[1])
    expect(linesOf(10)[1]).toMatch(/reports\/6, and 2 more\.$/)
    for (const rest of [linesOf(1), linesOf(2, { isEverything: true })]) expect(rest.join()).not.toContain('Affected')
  })

  it.each([
    [{ failed: 0, slow: 198, total: 198 }, '현재 요청 10건 중 10건이 느립니다.', 'At present 10 in 10 are slow.'],
    [{ failed: 0, slow: 3, total: 100 }, '현재 요청이 평소보다 느리지만, 정해진 시간을 넘는 것은 20건 중 1건 미만입니다.', 'At present they are slower than usual; fewer than 1 in 20 take longer than promised.'],
    [{ failed: 60, slow: 0, total: 100 }, '현재 요청 10건 중 6건이 실패합니다.', 'At present 6 in 10 fail.'],
  ])('tells partners of %o in whole sentences', (hits, inKorean, inEnglish) => {
    const text = partnerTextOf(facts({ hits, diagnosis: null }), zone, { othersAreFine: false })
    expect([text.ko, text.en]).toEqual([expect.stringContaining(` ${inKorean}\n`), expect.stringContaining(` ${inEnglish}\n`)])
  })

  it('claims no cause that is only a guess', () => {
    expect(causeOf(facts({ diagnosis: diagnosisOf({ confidence: 'low' }) as SentDiagnosis })).code).toBe('support.cause.unknown')
    expect(partnerTextOf(facts({ diagnosis: null }), zone, { othersAreFine: false }).en).toContain('We are looking for the cause.')
  })

  it('names several functions, everything, and what has no name yet', () => {
    const other = { ...process, id: '2' }
    expect(both(headlineOf(facts({ endpoints: [process, other] })))).toEqual(['‘외부 처리 요청’ 외 1개 기능이 느리거나 실패합니다', '‘External processing’ and 1 more are slow or fail'])
    expect(en.sentence(headlineOf(facts({ isEverything: true })))).toBe('Everything is slow or fails')
    expect(en.sentence(headlineOf(facts({ endpoints: [{ ...process, id: null, nameKo: '', nameEn: '' }] })))).toBe('‘POST /api/v1/process’ is slow or fails')
    expect(en.sentence(headlineOf(facts({ endpoints: [] })))).toBe('Part of the platform is slow or fails')
  })
})
