import { describe, expect, it } from 'vitest'
import type { CheckedSource } from '#shared/schemas/sources'
import { hasAnswered, noticeOf } from '#shared/source-notice'
import { troubleReasons } from '#shared/source-trouble'
import { catalogues } from '#shared/text/catalogues'
import { createText } from '#shared/text/text'

const source = (known: Partial<CheckedSource>): CheckedSource => ({ signal: 'metrics', source: 'prometheus', state: 'ok', latency: 1, lastReceived: null, checkedAt: '2026-11-23T05:32:10Z', found: [], ...known })
const text = createText(catalogues.en, { language: 'en', zone: 'UTC' })
const words = (known: Partial<CheckedSource>) => {
  const { title, cure, step } = noticeOf(source(known))!
  return { title: text.sentence(title), cure: cure && text.sentence(cure), step }
}

describe('what is said of a source', () => {
  it('is nothing where all is well', () => {
    expect(noticeOf(source({}))).toBeUndefined()
  })

  it.each<[string, Partial<CheckedSource>, { title: RegExp, cure: RegExp, step: string | undefined }]>([
    ['a wrong port', { state: 'failed', trouble: { reason: 'refused', setting: 'NUXT_PROMETHEUS' } }, { title: /nothing listens/, cure: /NUXT_PROMETHEUS_URL/, step: 'connection' }],
    ['a wrong name', { state: 'failed', trouble: { reason: 'unknown_host', setting: 'NUXT_PROMETHEUS' } }, { title: /not known/, cure: /spelling in NUXT_PROMETHEUS_URL/, step: 'name' }],
    ['wrong credentials', { state: 'failed', trouble: { reason: 'unauthorised', setting: 'NUXT_PROMETHEUS' } }, { title: /credentials/, cure: /NUXT_PROMETHEUS_PASSWORD/, step: 'credentials' }],
    ['an untrusted certificate', { state: 'failed', trouble: { reason: 'tls', setting: 'NUXT_PROMETHEUS' } }, { title: /not trusted/, cure: /NUXT_PROMETHEUS_CA/, step: 'connection' }],
    ['another program', { state: 'failed', trouble: { reason: 'wrong_product', setting: 'NUXT_PROMETHEUS' } }, { title: /another program/, cure: /exchanged/, step: 'program' }],
    ['an empty Prometheus', { state: 'idle', found: [{ code: 'no_requests' }] }, { title: /nothing that counts requests/, cure: /span_metrics/, step: 'data' }],
    ['an index that is only just being opened', { state: 'idle', source: 'elasticsearch', signal: 'logs', found: [{ code: 'log_opening', params: { pattern: 'open-*' } }] }, { title: /just opening its index/, cure: /allocation/, step: 'data' }],
    ['an index that is not there', { state: 'idle', source: 'elasticsearch', signal: 'logs', found: [{ code: 'log_no_index', params: { pattern: 'open-*' } }] }, { title: /no index is named open-\*/, cure: /NUXT_ELASTICSEARCH_INDEX/, step: 'data' }],
    ['a cluster that lost a part', { state: 'late', source: 'elasticsearch', signal: 'logs', found: [{ code: 'log_cluster', params: { status: 'red' } }] }, { title: /is red/, cure: /allocation/, step: undefined }],
    ['a Zipkin that fell silent', { state: 'late', source: 'zipkin', signal: 'traces', lastReceived: '2026-11-23T05:21:00Z' }, { title: /no new traces since 05:21:00/, cure: /Collector/, step: 'data' }],
    ['an own store that got nothing yet', { state: 'idle', source: 'embedded', signal: 'logs' }, { title: /No log lines have arrived/, cure: /ingest key/, step: 'data' }],
  ])('%s', (_, known, { title, cure, step }) => {
    const said = words(known)
    expect(said.title).toMatch(title)
    expect(said.cure).toMatch(cure)
    expect(said.step).toBe(step)
  })

  it('is a whole sentence for every reason, state and source, in both languages', () => {
    const failed = troubleReasons.map(reason => source({ state: 'failed', trouble: { reason, setting: 'NUXT_PROMETHEUS', status: 500, component: 'Storage' } }))
    const quiet = (['late', 'idle'] as const).flatMap(state => ([['embedded', 'traces'], ['zipkin', 'traces'], ['prometheus', 'metrics'], ['elasticsearch', 'logs']] as const).map(([name, signal]) => source({ state, source: name, signal, lastReceived: '2026-11-23T05:21:00Z' })))
    for (const language of ['en', 'ko'] as const) {
      const write = createText(catalogues[language], { language, zone: 'UTC' })
      for (const { title, cure } of [...failed, ...quiet].map(each => noticeOf(each)!)) for (const sentence of [title, cure]) expect(sentence ? write.sentence(sentence) : 'fine.').toMatch(/^[^{}–]+\.$/)
    }
  })
})

it.each([['unauthorised', true], ['wrong_product', true], ['unhealthy', true], ['refused', false], ['timeout', false], ['paused', false]] as const)('a source in trouble because of %s has answered: %s', (reason, answered) => {
  expect(hasAnswered({ source: 'zipkin', reason })).toBe(answered)
})
