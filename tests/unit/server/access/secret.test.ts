import { describe, expect, it } from 'vitest'
import { createSecret, isSameSecret } from '#server/access/secret'

describe('SE-03 whether two secrets are the same', () => {
  it('is so for equal ones and for none twice, of whatever length', () => {
    const secret = createSecret()
    expect(isSameSecret(secret, `${secret}`)).toBe(true)
    expect(isSameSecret('', '')).toBe(true)
    expect(isSameSecret(null, null)).toBe(true)
  })

  it.each([['a', 'b'], ['a', 'ab'], ['', 'a'], ['é', 'e'], [null, ''], ['', null]])('is not so for %j and %j', (one, other) => {
    expect(isSameSecret(one, other)).toBe(false)
  })
})
