import { describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatDurationInWords, formatRate, formatRatio, formatRelative, formatTick, formatTimeOfDay, formatTimes, formatZone } from '#shared/text/format'
import { languageOf } from '#shared/text/languages'
import { particle } from '#shared/text/particle'
import { createText } from '#shared/text/text'

describe('Korean particles', () => {
  it.each([
    ['서버', '이', '가', '가'], ['결제팀', '이', '가', '이'], ['external-api', '을', '를', '를'], ['business-service', '은', '는', '는'],
    ['서울', '으로', '로', '로'], ['종료됨', '으로', '로', '으로'], ['초안', '으로', '로', '으로'], ['7', '으로', '로', '로'], ['3', '이', '가', '이'], ['token', '이', '가', '이'],
    ['external.timeout', '을', '를', '을'], ['external.timeout', '으로', '로', '으로'],
  ])('%s takes the right one of %s/%s', (word, withFinal, withoutFinal, expected) => {
    expect(particle(word, withFinal, withoutFinal)).toBe(expected)
  })
})

describe('figures', () => {
  it.each([[0, '0 µs'], [840, '840 µs'], [2_000, '2 ms'], [22_000, '22 ms'], [310_000, '310 ms'], [999_600, '1.00 s'], [8_560_000, '8.56 s'], [41_600_000, '41.6 s'], [127_000_000, '2 min 7 s'], [7_380_000_000, '2 h 3 min'],
    [999.6, '1 ms'], [119_600_000, '2 min 0 s'], [3_599_700_000, '1 h 0 min'], [7_198_000_000, '2 h 0 min']])('%d µs is written %s', (micros, expected) => {
    expect(formatDuration(micros)).toBe(expected)
  })

  it.each([[0, '0.00%'], [0.00005, '<0.01%'], [0.0446, '4.46%'], [0.64, '64.0%'], [1, '100%'], [0.9999, '100.0%'], [-0.0015, '−0.15%'], [-1.002, '−100.2%'], [-0.00001, '0.00%']])('a ratio of %d is %s', (ratio, expected) => {
    expect(formatRatio(ratio)).toBe(expected)
  })

  it('write rates with one decimal and never a zero for something', () => {
    expect([formatRate(42), formatRate(0.02), formatRate(0)]).toEqual(['42.0', '<0.1', '0.0'])
  })

  it('write counts, factors and durations in the language', () => {
    expect(formatCount(12_600, 'ko')).toBe('12,600')
    expect([formatTimes(13.4, 'ko'), formatTimes(13.4, 'en')]).toEqual(['13.4배', '×13'])
    expect([formatDurationInWords(8_000_000, 'ko'), formatDurationInWords(810_000_000, 'ko'), formatDurationInWords(8_000_000, 'en')]).toEqual(['8.0초', '13분 30초', '8.00 s'])
    expect([formatDurationInWords(9_970_000, 'ko'), formatDurationInWords(59_700_000, 'ko')]).toEqual(['10초', '1분'])
  })

  it.each([
    ['2026-11-23T05:18:40Z', '오후 2시 18분', '2:18 pm'], ['2026-11-23T06:00:10Z', '오후 3시', '3:00 pm'], ['2026-11-22T15:05:00Z', '오전 12시 5분', '12:05 am'], ['2026-11-23T03:30:00Z', '오후 12시 30분', '12:30 pm'],
  ])('say %s as people do', (at, ko, en) => {
    expect([formatTimeOfDay(new Date(at), 'Asia/Seoul', 'ko'), formatTimeOfDay(new Date(at), 'Asia/Seoul', 'en')]).toEqual([ko, en])
  })

  it('tell how long ago, and after an hour the clock time', () => {
    const now = new Date('2026-11-23T05:32:10Z')
    expect(formatRelative(new Date('2026-11-23T05:32:08Z'), now, 'Asia/Seoul', 'ko')).toBe('2초 전')
    expect(formatRelative(new Date('2026-11-23T04:18:40Z'), now, 'Asia/Seoul', 'en')).toBe('13:18')
    expect(formatRelative(new Date('2026-11-21T04:18:40Z'), now, 'Asia/Seoul', 'ko')).toBe('11월 21일 13:18')
    expect([formatZone('Asia/Seoul', now), formatZone('UTC', now)]).toEqual(['KST', 'UTC'])
  })
})

describe('a tick of a time axis', () => {
  const seoul = { zone: 'Asia/Seoul', language: 'en' } as const
  it.each([[3_600_000, '00:00'], [2 * 86_400_000, '00:00'], [7 * 86_400_000, 'Nov 24']])('of %d ms says %s', (length, expected) => {
    expect(formatTick(new Date('2026-11-23T15:00:00Z'), length, seoul)).toBe(expected)
  })
})

describe('a text', () => {
  const messages = { greet: '{name|이/가} {at}에 {count}건', item: { one: 'one item', other: '{count} items' }, outer: 'see {inner}' }
  const ko = createText(messages, { language: 'ko', zone: 'Asia/Seoul' }) as (key: string, params?: object) => string
  const en = createText(messages, { language: 'en', zone: 'UTC' }) as (key: string, params?: object) => string

  it('fills placeholders in the reader’s language and zone', () => {
    expect(ko('greet', { name: '결제팀', at: { at: '2026-11-23T05:32:10Z' }, count: 1_503 })).toBe('결제팀이 14:32:10에 1,503건')
  })

  it('follows its reader into another zone', () => {
    const reader = { language: 'ko' as const, zone: 'Asia/Seoul' }
    const text = createText(messages, reader) as ((key: string, params?: object) => string) & { zone: string }
    reader.zone = 'America/New_York'
    expect([text.zone, text('greet', { name: '결제팀', at: { at: '2026-11-23T05:32:10Z' }, count: 1 })]).toEqual(['America/New_York', '결제팀이 00:32:10에 1건'])
  })

  it('shows nothing where the room is on its way, and an unknown key as itself', () => {
    const rooms: string[] = []
    const text = createText({ app: { name: 'Bongsu' } }, { language: 'en', zone: 'UTC' }, { has: room => rooms.push(room) > 0 && room !== 'later' }) as (key: string) => string
    expect([text('app.name'), text('later.title'), text('app.none')]).toEqual(['Bongsu', '', 'app.none'])
    expect(rooms).toEqual(['app', 'later', 'app'])
  })

  it('picks the plural form by count', () => {
    expect([en('item', { count: 1 }), en('item', { count: 2 })]).toEqual(['one item', '2 items'])
  })

  it('writes a text inside a text, and a dash for what is missing', () => {
    expect(en('outer', { inner: { text: 'item', params: { count: 3 } } })).toBe('see 3 items')
    expect(en('outer')).toBe('see –')
  })

  it('shows an unknown key as itself', () => {
    expect(en('no.such')).toBe('no.such')
  })
})

it.each([[undefined, 'ko'], ['en-GB,en;q=0.9', 'en'], ['fr,en;q=0.4,ko;q=0.8', 'ko'], ['de', 'ko']])('Accept-Language %s is read as %s', (header, expected) => {
  expect(languageOf(header)).toBe(expected)
})

describe('names in both languages', () => {
  const name = { ko: '‘외부 처리 요청’', en: '‘External processing’' }
  it.each([
    ['ko', name, '‘외부 처리 요청’이 느립니다'], ['en', name, '‘External processing’ is slow'], ['en', { ko: '‘정산’', en: '' }, '‘정산’ is slow'],
  ] as const)('are written in %s', (language, value, expected) => {
    const text = createText({ slow: language === 'ko' ? '{name|이/가} 느립니다' : '{name} is slow' }, { language, zone: 'Asia/Seoul' })
    expect(text('slow' as never, { name: value })).toBe(expected)
  })
})
