import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import EditConflict from '~~/components/endpoint/EditConflict.vue'
import RevisionDiff from '~~/components/endpoint/RevisionDiff.vue'
import TemplateSplit from '~~/components/endpoint/TemplateSplit.vue'
import type { Revision, StaleDetails } from '#shared/schemas/endpoint'
import { endpointFields } from '../../support/endpoint'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

const base = endpointFields({ latencyObjective: 1_000, description: 'old', contact: 'link@bongsu.example' })
const theirs = { ...base, latencyObjective: 800, contact: 'oncall@bongsu.example' }
const details: StaleDetails = {
  base: { revision: 2, fields: base },
  theirs: { revision: 3, fields: theirs, author: 'admin-02', at: '2026-11-23T05:29:12Z', changed: ['contact', 'latencyObjective'] },
  conflicts: ['latencyObjective'],
}

describe('a conflict of two edits', () => {
  const mine = { ...base, latencyObjective: 600, description: 'new' }

  it('asks for the field both changed, and says what becomes of the others', async () => {
    const conflict = await mountSuspended(EditConflict, { props: { details, mine, modelValue: {} } })
    const rows = conflict.findAll('tbody tr').map(row => row.text())
    expect(rows).toHaveLength(3)
    expect(conflict.findAll('input[type=radio]')).toHaveLength(2)
    expect(rows[0]).toMatch(/800 ms.*600 ms.*(고르세요|Choose)/)
    expect(rows[1]).toMatch(/new.*(내 것을 씀|mine is taken)/)
    expect(rows[2]).toMatch(/oncall@bongsu\.example.*(admin-02의 것을 씀|admin-02’s is taken)/)
  })

  it('hands on what was chosen', async () => {
    const conflict = await mountSuspended(EditConflict, { props: { details, mine, modelValue: {} } })
    await conflict.findAll('input[type=radio]')[1]!.trigger('change')
    expect(conflict.emitted('update:modelValue')).toEqual([[{ latencyObjective: 'mine' }]])
  })
})

it('a diff shows what went and what came, and folds the rest', async () => {
  const revision = (number: number, fields: Revision['fields']): Revision => ({ number, kind: 'edited', restoredFrom: null, lifecycle: 'draft', sunset: null, fields, changed: [], author: 'a', at: '2026-11-23T05:29:12Z' })
  const diff = await mountSuspended(RevisionDiff, { props: { before: revision(1, base), after: revision(3, theirs) } })
  expect(diff.findAll('del').map(part => part.text())).toEqual(['link@bongsu.example', '1.00 s'])
  expect(diff.findAll('ins').map(part => part.text())).toEqual(['oncall@bongsu.example', '800 ms'])
  expect(diff.text()).toContain('13')
})

it('a template is split while it is typed', async () => {
  const split = await mountSuspended(TemplateSplit, { props: { template: '/api/orders/{orderId}/receipt' } })
  expect(split.findAll('.text-primary').map(part => part.text())).toEqual(['{orderId}'])
  expect(split.text()).toContain('/api/orders/{}/receipt')
})
