import { expect, it } from 'vitest'
import { lineFields } from '#shared/search/line-fields'

it('groups the fields of a line: the error, the rest, who said so, the stack by itself', () => {
  expect(lineFields({
    attributes: { 'exception.type': 'TimeoutError', 'api.client.id': 'shop', 'exception.stacktrace': 'Error: x\n    at a (b:1)\n\n    at c', 'retries': [1, 2], '__proto__x': null },
    resource: { 'service.version': '2.8.0' }, scope: 'app.external',
  })).toEqual({
    error: [['exception.type', 'TimeoutError']],
    fields: [['api.client.id', 'shop'], ['retries', '[1,2]'], ['__proto__x', 'null']],
    resource: [['service.version', '2.8.0'], ['logger', 'app.external']],
    stack: ['Error: x', '    at a (b:1)', '    at c'],
  })
})
