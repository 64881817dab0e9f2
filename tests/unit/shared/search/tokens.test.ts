import { describe, expect, it } from 'vitest'
import { conditionsOf, readQuery, withCondition, withoutCondition } from '#shared/search/tokens'

describe('conditions in the URL', () => {
  it('reads what the search knows and drops what is empty', () => {
    expect(readQuery({ service: 'shop', failed: null, min: '', attribute: ['a=1', null, 'b=2'], utm: 'x' }, ['service', 'failed', 'min', 'attribute']))
      .toEqual({ service: 'shop', attribute: ['a=1', 'b=2'] })
  })

  it('lists them in the order of the keys, lists one by one', () => {
    expect(conditionsOf({ attribute: ['a=1', 'b=2'], service: 'shop', range: '5m' }, ['service', 'attribute']))
      .toEqual([{ key: 'service', value: 'shop' }, { key: 'attribute', value: 'a=1' }, { key: 'attribute', value: 'b=2' }])
  })

  it('takes one away and keeps the rest, the range too', () => {
    expect(withoutCondition({ service: 'shop', attribute: ['a=1', 'b=2'], range: '5m' }, { key: 'attribute', value: 'a=1' }))
      .toEqual({ service: 'shop', attribute: 'b=2', range: '5m' })
    expect(withoutCondition({ service: 'shop' }, { key: 'service', value: 'shop' })).toEqual({ service: undefined })
  })

  it('adds to those that can be several and replaces the others', () => {
    expect(withCondition({ attribute: 'a=1' }, { key: 'attribute', value: 'b=2' }, ['attribute'])).toEqual({ attribute: ['a=1', 'b=2'] })
    expect(withCondition({ attribute: 'a=1' }, { key: 'attribute', value: 'a=1' }, ['attribute'])).toEqual({ attribute: 'a=1' })
    expect(withCondition({ service: 'shop' }, { key: 'service', value: 'pay' }, ['attribute'])).toEqual({ service: 'pay' })
  })

  it('starts on the first page again when a condition changes', () => {
    const view = { service: 'shop', cursor: 'x', area: '1-2', line: 'l', add: 'y' }
    expect(withCondition(view, { key: 'failed', value: 'true' }, [])).toEqual({ service: 'shop', failed: 'true' })
    expect(withoutCondition(view, { key: 'service', value: 'shop' })).toEqual({ service: undefined })
  })
})
