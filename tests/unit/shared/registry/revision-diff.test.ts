import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedFields, diffText, fieldGroups } from '#shared/registry/revision-diff'
import { fieldNames } from '#shared/schemas/endpoint'
import { endpointFields } from '../../../support/endpoint'

describe('the difference of two revisions', () => {
  it('names the fields that differ, in the order of the form', () => {
    expect(changedFields(endpointFields(), endpointFields({ contact: 'x', method: 'POST', tags: ['a'] }))).toEqual(['method', 'contact', 'tags'])
    expect(changedFields(endpointFields({ tags: ['a'] }), endpointFields({ tags: ['a'] }))).toEqual([])
  })

  it('shows every field in exactly one group', () => {
    expect(Object.values(fieldGroups).flat().sort()).toEqual([...fieldNames].sort())
  })
})

describe('the difference of two texts', () => {
  it('marks the words that went and came', () => {
    expect(diffText('새 규격으로 보냅니다. 응답은 즉시 옵니다.', '새 규격으로 보냅니다. 응답은 접수 번호입니다.')).toEqual({
      before: [{ text: '새 규격으로 보냅니다. 응답은 ', changed: false }, { text: '즉시 옵니다.', changed: true }],
      after: [{ text: '새 규격으로 보냅니다. 응답은 ', changed: false }, { text: '접수 번호입니다.', changed: true }],
    })
  })

  it('marks nothing where nothing changed, and all where all did', () => {
    expect(diffText('a b', 'a b').before).toEqual([{ text: 'a b', changed: false }])
    expect(diffText('', 'a b')).toEqual({ before: [], after: [{ text: 'a b', changed: true }] })
  })

  it('gives both texts back, whatever they are', () => {
    const words = fc.array(fc.constantFrom('a', 'b', ' ', '\n', '가')).map(parts => parts.join(''))
    fc.assert(fc.property(words, words, (before, after) => {
      const diff = diffText(before, after)
      expect(diff.before.map(piece => piece.text).join('')).toBe(before)
      expect(diff.after.map(piece => piece.text).join('')).toBe(after)
    }))
  })

  it('takes two essays without a thought', () => {
    const essay = (word: string) => `${word} `.repeat(2_000)
    expect(diffText(essay('a'), essay('b')).after).toEqual([{ text: essay('b'), changed: true }])
  })
})
