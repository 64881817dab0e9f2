import { describe, expect, it } from 'vitest'
import { auditFields, auditLabel, auditSentence, auditValue } from '#shared/access/audit-words'
import { ko } from '#shared/text/ko'
import { createText } from '#shared/text/text'

const text = createText(ko, { language: 'ko', zone: 'Asia/Seoul' })

describe('an audit entry in words', () => {
  it('is a sentence in the reader\'s language', () => {
    expect(auditSentence(text, { action: 'user.create', params: { name: '김민수' } })).toBe('김민수를 초대함')
    expect(auditSentence(text, { action: 'refused.access.forbidden', params: { method: 'GET', route: '/api/traces', permission: 'traces:read' } })).toBe('GET /api/traces: traces:read 없음')
  })

  it('survives what no sentence expects', () => {
    expect(auditSentence(text, { action: 'user.create', params: { name: { text: 'audit.user.create' } } })).toContain('{"text"')
    expect(auditSentence(text, { action: 'later.thing', params: {} })).toBe('audit.later.thing')
    expect(auditLabel(text, 'field', 'latencyObjective')).toBe('latencyObjective')
    expect(auditLabel(text, 'field', 'roles')).toBe('역할')
  })

  it('lists the fields that differ', () => {
    expect(auditFields({ before: { a: 1, b: [1], c: 'x' }, after: { a: 2, b: [1], d: true } })).toEqual([
      { field: 'a', before: 1, after: 2 }, { field: 'c', before: 'x', after: undefined }, { field: 'd', before: undefined, after: true },
    ])
    expect(auditFields({ before: null, after: null })).toEqual([])
  })

  it.each([[undefined, '–'], [[], '–'], [['a', 'b'], 'a, b'], [true, '예'], [0, '0'], [{ a: 1 }, '{"a":1}']])('writes %o as %s', (value, words) => {
    expect(auditValue(text, value)).toBe(words)
  })
})
