import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import DiagnosisPanel from '~~/components/diagnosis/DiagnosisPanel.vue'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

const at = Date.parse('2026-11-23T05:32:00Z') * 1_000
const found: SentDiagnosis = {
  at, onset: at - 120e6, incident: { from: at - 120e6, to: at }, baseline: { from: at - 3_780e6, to: at - 180e6 }, symptom: 'latency',
  affected: [{ service: 'api-gateway', operation: 'POST /api/v1/process' }],
  culprit: { service: 'business-service', operation: 'POST', remote: 'external-api', type: 'timeout' },
  qualifier: { attribute: 'service.version', value: '2.9.0' },
  title: { code: 'diagnosis.title.timeout', params: { service: 'business-service', remote: 'external-api', limit: { micros: 8e6 } } },
  confidence: 'high', confidenceReason: { code: 'diagnosis.confidence.stable', params: { same: 50, draws: 50, explained: { ratio: 0.99 }, count: 212 } },
  runnersUp: [{ culprit: { service: 'api-gateway', operation: 'POST /api/v1/process', remote: null, type: 'slow_local' }, explains: 0.01, whyNot: { code: 'diagnosis.whyNot.inside', params: { share: { ratio: 0.99 }, winner: 'external-api' } } }],
  second: null, evidence: [{ code: 'diagnosis.evidence.limit', params: { cut: 130, slow: 132, limit: { micros: 8e6 } } }],
  decomposition: { before: 600_000, after: 5_600_000, rows: [
    { kind: 'edge', service: 'business-service', operation: 'POST', remote: 'external-api', change: 4_900_000, duration: 4_900_000, rate: 0, product: 0 },
    { kind: 'rest', service: '', operation: '', remote: null, change: 100_000, duration: 100_000, rate: 0, product: 0 },
  ] },
  exemplars: [{ traceId: 'a'.repeat(32), kind: 'failed', duration: 8_100_000, at }], caveats: [{ code: 'diagnosis.caveat.logs_unavailable', params: { source: 'elasticsearch' } }],
}

describe('what an analysis found', () => {
  it('says where, of what kind, how sure and why, and what to know about the data', async () => {
    const shown = (await mountSuspended(DiagnosisPanel, { props: { diagnosis: found } })).text()
    for (const words of ['business-service', 'external-api', '8.0초', 'service.version = 2.9.0', '50', '130', 'POST /api/v1/process', 'elasticsearch', '98.0%', '+4.90']) expect(shown).toContain(words)
  })

  it('says so where nothing stands out, without a place, and where the time goes', async () => {
    const nothing: SentDiagnosis = { ...found, decomposition: { ...found.decomposition, isSpent: true, before: 0, after: 5_000_000 }, culprit: null, qualifier: null, title: { code: 'diagnosis.title.none', params: { window: { micros: 60e6 } } }, confidence: 'low', confidenceReason: { code: 'diagnosis.confidence.nothing' }, evidence: [], runnersUp: [], exemplars: [] }
    const panel = await mountSuspended(DiagnosisPanel, { props: { diagnosis: nothing } })
    expect(panel.find('#diagnosis-where').exists()).toBe(false)
    expect(panel.find('h2').text()).not.toBe('')
    expect(panel.find('#decomposition').text()).toMatch(/5\.00? ?s|5\.0초/)
  })

  it('is closed by whoever has read it', async () => {
    const panel = await mountSuspended(DiagnosisPanel, { props: { diagnosis: found } })
    await panel.find('header button').trigger('click')
    expect(panel.emitted('close')).toHaveLength(1)
  })
})
