import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { highlight, wordsOf } from '#shared/search/highlight'

const drawn = (text: string, searched: string) => highlight(text, searched).map(part => (part.hit ? `[${part.text}]` : part.text)).join('')

describe('what was searched for, in a line', () => {
  it.each([
    ['calling external-api, timeout=8000', 'external', 'calling [external]-api, timeout=8000'],
    ['External call failed', 'ext fail', '[Ext]ernal call [fail]ed'],
    ['결제실패: 외부 결제 응답 없음', '결제', '[결제]실패: 외부 [결제] 응답 없음'],
    ['Café timeout', 'cafe', '[Café] timeout'],
    ['a b', '', 'a b'],
    ['a b', '!?', 'a b'],
    ['internal', 'tern', 'internal'],
    ['time timeout', 'time timeout', '[time] [timeout]'],
  ])('%s ~ %s', (text, searched, expected) => expect(drawn(text, searched)).toBe(expected))

  it('loses and adds nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, searched) => highlight(text, searched).map(part => part.text).join('') === text))
  })

  it('sees the words that the index sees', () => expect(wordsOf('POST /api/v1 결제-실패 POST')).toEqual(['post', 'api', 'v1', '결제', '실패']))
})
