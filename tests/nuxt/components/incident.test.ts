import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import DiagnosisDecomposition from '~~/components/diagnosis/DiagnosisDecomposition.vue'
import DiagnosisPicture from '~~/components/diagnosis/DiagnosisPicture.vue'
import IncidentHurt from '~~/components/incident/IncidentHurt.vue'
import PartnerText from '~~/components/incident/PartnerText.vue'
import TenSquares from '~~/components/incident/TenSquares.vue'
import { fullStory, plainStory } from '../../support/incident'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))
const { diagnosis, colours, picture, impact } = fullStory()

describe('the decomposition of an incident', () => {
  it('says per row what it shows, and sums to 100', async () => {
    const bar = await mountSuspended(DiagnosisDecomposition, { props: { decomposition: diagnosis!.decomposition, colours } })
    const shares = bar.findAll('tbody tr').map(row => Number(/([\d.]+)%$/.exec(row.text())![1]))
    expect(shares).toEqual([98.9, 0.7, 0.3, 0.1])
    expect(bar.find('tbody tr').text()).toMatch(/external-api.*8\.0+.*\+5\.22 s/)
  })

  it('hatches what comes from calling more often, and says so in columns', async () => {
    const rows = [{ kind: 'edge' as const, service: 'auth-service', operation: 'Token Validation', remote: 'keys.example', change: 233_000, duration: 3_000, rate: 226_000, product: 4_000 }]
    const bar = await mountSuspended(DiagnosisDecomposition, { props: { decomposition: { before: 149_000, after: 382_000, rows }, colours } })
    expect(bar.findAll('.decomposition-bar .oftener')).toHaveLength(1)
    expect(bar.findAll('thead th').map(head => head.text())).toEqual([expect.any(String), expect.stringMatching(/자주|more/), expect.stringMatching(/오래|longer/), expect.any(String), expect.any(String)])
    expect(bar.find('tbody').text()).toMatch(/97\.9%.*2\.1%/)
  })

  it('shows the whole time of a request where nothing is compared', async () => {
    const rows = [{ kind: 'edge' as const, service: 'business-service', operation: 'POST', remote: 'external-api', change: 4_000_000, duration: 4_000_000, rate: 0, product: 0 }, { kind: 'local' as const, service: 'api-gateway', operation: 'POST /api/v1/process', remote: null, change: 1_000_000, duration: 1_000_000, rate: 0, product: 0 }]
    const bar = await mountSuspended(DiagnosisDecomposition, { props: { decomposition: { isSpent: true, before: 0, after: 5_000_000, rows }, colours } })
    expect(bar.find('h2').text()).toMatch(/5\.00? ?s|5\.0초/)
    expect(bar.findAll('tbody tr').map(row => row.text())).toEqual([expect.stringMatching(/external-api.*4\.00 s80\.0%/), expect.stringMatching(/api-gateway.*1\.00 s20\.0%/)])
    expect(bar.text()).not.toMatch(/[+−]/)
    expect(bar.find('.key').exists()).toBe(false)
  })

  it('is left out where nothing was added', async () => {
    const bar = await mountSuspended(DiagnosisDecomposition, { props: { decomposition: { before: 500, after: 400, rows: diagnosis!.decomposition.rows }, colours } })
    expect(bar.find('section').exists()).toBe(false)
  })
})

describe('the picture of a fault', () => {
  it('has the same figures as a table', async () => {
    const drawn = await mountSuspended(DiagnosisPicture, { props: { picture: picture! } })
    expect(drawn.text()).toMatch(/67\.0%.*8\.00 s/)
    const requests = drawn.findAll('tbody tr').map(row => Number(row.findAll('td').at(-1)!.text().replaceAll(',', '')))
    expect(requests.reduce((sum, count) => sum + count, 0)).toBe(10_420 + 224)
  })

  it('names both sides of a call rate', async () => {
    const drawn = await mountSuspended(DiagnosisPicture, { props: { picture: { kind: 'calls', parent: 'Token Validation', call: 'GET jwks.json', from: '2026-11-19T01:00:00.000Z', step: 60_000, parents: [42, null], calls: [0, 42] } } })
    expect(drawn.findAll('thead th').map(head => head.text()).slice(1)).toEqual(['Token Validation', 'GET jwks.json'])
    expect(drawn.findAll('tbody tr').at(-1)!.text()).toMatch(/–42\.0$/)
  })
})

it('who is hurt is said in numbers with their whole', async () => {
  const hurt = await mountSuspended(IncidentHurt, { props: { impact } })
  expect(hurt.text()).toMatch(/1,503/)
  expect(hurt.text()).toMatch(/64\.0%.*4\.40%/)
  expect(hurt.find('li').text()).toMatch(/partner-shop.*902 \/ 1,410/)
})

it('ten squares are ten, and their number is spoken', async () => {
  const squares = await mountSuspended(TenSquares, { props: { squares: plainStory().squares!, critical: true } })
  const row = squares.get('[role=img]')
  expect(row.findAll('svg')).toHaveLength(10)
  expect(row.attributes('aria-label')).toContain('6')
})

describe('the text for partners', () => {
  const partnerText = plainStory().partnerText

  it('is written in the other language at a press', async () => {
    const shown = await mountSuspended(PartnerText, { props: { partnerText } })
    await shown.get('button[aria-pressed=false]').trigger('click')
    const other = shown.get('textarea').element.value
    expect([partnerText.ko, partnerText.en]).toContain(other)
    expect(shown.get('textarea').attributes('lang')).toBe(other === partnerText.ko ? 'ko' : 'en')
  })

  it('is the reader’s own once changed: new facts are told and never run over it', async () => {
    const shown = await mountSuspended(PartnerText, { props: { partnerText } })
    await shown.get('textarea').setValue('우리 말로 고친 글')
    await shown.setProps({ partnerText: { ...partnerText, ko: '새 사실', en: 'new facts' } })
    expect(shown.get('textarea').element.value).toBe('우리 말로 고친 글')
    expect(shown.find('[role=status]').exists()).toBe(true)
    await shown.findAll('button').at(-1)!.trigger('click')
    expect(['새 사실', 'new facts']).toContain(shown.get('textarea').element.value)
    expect(shown.find('[role=status]').exists()).toBe(false)
  })
})
