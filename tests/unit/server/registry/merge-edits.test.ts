import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeEdits } from '#server/registry/merge-edits'
import { changedFields, isSame } from '#shared/registry/revision-diff'
import { endpointFields } from '../../../support/endpoint'

const base = endpointFields({ latencyObjective: 1_000, description: 'old', contact: 'link@bongsu.example' })

describe('two edits of one endpoint', () => {
  it('are both kept where they touch different fields', () => {
    const merge = mergeEdits(base, { ...base, contact: 'oncall@bongsu.example' }, { ...base, description: 'new' })
    expect(merge).toEqual({ fields: { ...base, contact: 'oncall@bongsu.example', description: 'new' }, conflicts: [], theirs: ['contact'] })
  })

  it('conflict in a field that both changed, and in no other', () => {
    const theirs = { ...base, latencyObjective: 800, contact: 'oncall@bongsu.example' }
    const merge = mergeEdits(base, theirs, { ...base, latencyObjective: 600, description: 'new' })
    expect(merge.conflicts).toEqual(['latencyObjective'])
    expect(merge.theirs).toEqual(['contact'])
  })

  it('do not conflict where both say the same', () => {
    expect(mergeEdits(base, { ...base, tags: ['a'] }, { ...base, tags: ['a'] })).toMatchObject({ conflicts: [], theirs: [] })
  })

  it('conflict when one moved the method and the other the template, which together are the route', () => {
    const merge = mergeEdits(base, { ...base, method: 'POST' }, { ...base, template: '/x' })
    expect(merge.conflicts).toEqual(['method', 'template'])
  })

  it('lose nothing, whatever the two changed', () => {
    const value = fc.constantFrom('a', 'b', 'c')
    const edit = fc.record({ nameKo: value, nameEn: value, description: value, contact: value, template: value.map(v => `/${v}`), tags: fc.array(value, { maxLength: 2 }) }, { requiredKeys: [] })
    fc.assert(fc.property(edit, edit, (a, b) => {
      const theirs = { ...base, ...a }
      const mine = { ...base, ...b }
      const { fields, conflicts } = mergeEdits(base, theirs, mine)
      for (const field of changedFields(base, theirs)) expect(conflicts.includes(field) || isSame(fields[field], theirs[field])).toBe(true)
      for (const field of changedFields(base, mine)) expect(isSame(fields[field], mine[field])).toBe(true)
      // Who comes second does not matter to what is in dispute.
      expect(mergeEdits(base, mine, theirs).conflicts).toEqual(conflicts)
    }))
  })
})
