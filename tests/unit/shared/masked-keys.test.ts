import { expect, it } from 'vitest'
import { createKeyMask } from '#shared/masked-keys'

const isMasked = createKeyMask(['password', 'token', 'api-key', 'authorization'])

it.each([
  ['password', true], ['db.adminPassword', true], ['X_API_KEY', true], ['http.request.header.authorization', true], ['access_token', true],
  ['passwordless', false], ['external.timeout', false], ['tokenizer', false], ['', false],
])('values of %j are secrets: %s', (name, secret) => {
  expect(isMasked(name)).toBe(secret)
})
