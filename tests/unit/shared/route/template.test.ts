import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_ROUTE, parseTemplate, routeKeyOf } from '#shared/route-key'

describe('route key', () => {
  it.each([
    ['/api/v1/orders', '/api/v1/orders', 'text stays'],
    ['/api/V1/Orders', '/api/V1/Orders', 'case counts'],
    ['/api/orders/{orderId}', '/api/orders/{}', 'OpenAPI, Spring, JAX-RS'],
    ['/api/orders/:orderId', '/api/orders/{}', 'Express, Rails'],
    ['/api/orders/<orderId>', '/api/orders/{}', 'Flask'],
    ['/api/orders/<int:orderId>', '/api/orders/{}', 'Flask with a converter'],
    ['/api/orders/{id:[0-9]+}', '/api/orders/{}', 'a pattern'],
    ['/api/orders/{id:\\d{3,5}}/x', '/api/orders/{}/x', 'a pattern with braces'],
    ['/api/orders/{id:[a-z]+/[0-9]+}/x', '/api/orders/{}/x', 'a pattern with a slash'],
    ['/api/orders/:id(\\d+)/x', '/api/orders/{}/x', 'Express with a pattern'],
    ['/api/orders/:id?', '/api/orders/{}', 'Express, optional'],
    ['/api/orders/:id?/items', '/api/orders/{}/items', 'Express, optional in the middle'],
    ['/api/orders/{id?}', '/api/orders/{}', 'ASP.NET, optional'],
    ['api/orders/{id}', '/api/orders/{}', 'ASP.NET leaves the first slash out'],
    ['/files/{path...}', '/files/{*}', 'Go'],
    ['/files/**', '/files/{*}', 'Spring'],
    ['/files/*', '/files/{*}', 'chi, Echo, Ktor'],
    ['/files/*path', '/files/{*}', 'Gin, Rails'],
    ['/files/{*path}', '/files/{*}', 'ASP.NET, Spring'],
    ['/files/{**path}', '/files/{*}', 'ASP.NET'],
    ['/files/{path:.*}', '/files/{*}', 'JAX-RS, Gorilla'],
    ['/files/{path:path}', '/files/{*}', 'Starlette'],
    ['/files/<path:name>', '/files/{*}', 'Flask'],
    ['/files/:path*', '/files/{*}', 'path-to-regexp'],
    ['/files/*/meta', '/files/{}/meta', 'a wildcard inside is one segment'],
    ['/files/{name}.json', '/files/{}.json', 'text around a parameter'],
    ['/flights/:from-:to', '/flights/{}-{}', 'two in one segment'],
    ['/orders/{id}:cancel', '/orders/{}:cancel', 'a custom verb after a parameter'],
    ['/orders:batchGet', '/orders:batchGet', 'a custom verb'],
    ['/api/orders/', '/api/orders', 'the slash at the end is dropped'],
    ['/api//orders', '/api/orders', 'a doubled slash is one'],
    ['/api/orders?page={page}', '/api/orders', 'the query is dropped'],
    ['/%EC%A3%BC%EB%AC%B8/{id}', '/주문/{}', 'one spelling for encoded text'],
    ['/a%2fb/{id}', '/a%2Fb/{}', 'an encoded slash is no slash'],
    ['/', '/', 'the root'],
    ['/a{b', '/a%7Bb', 'what cannot be read stays text'],
  ])('of %s is %s: %s', (template, key) => {
    expect(routeKeyOf(template)).toBe(key)
  })

  it.each(['/**', '/*', '/{path...}', '**', '', '  '])('of %j is "(no route)", because it catches everything', (template) => {
    expect(routeKeyOf(template)).toBe(NO_ROUTE)
  })

  it('keeps a bracket that opens nothing as text', () => {
    expect(routeKeyOf('/<{<}>')).toBe('/%3C{}%3E')
  })

  it('can be read again and stays what it is, whatever was sent', () => {
    const noise = fc.string({ unit: fc.constantFrom('/', '{', '}', '<', '>', ':', '*', '.', '?', '(', ')', 'a', '1', '%', ' ', '%2F', '주', '%EC%A3%BC', '{x}', ':id', '**') })
    fc.assert(fc.property(fc.oneof(noise, fc.string()), (template) => {
      const { key } = parseTemplate(template)
      expect(parseTemplate(key).key).toBe(key)
    }), { numRuns: 2_000 })
  })

  it('does not depend on the names and the language of the parameters', () => {
    const name = fc.stringMatching(/^[a-z]\w{0,8}$/)
    const literal = fc.stringMatching(/^[A-Za-z][\w-]{0,8}$/)
    const spellings = fc.constantFrom((n: string) => `{${n}}`, (n: string) => `:${n}`, (n: string) => `<${n}>`, (n: string) => `<int:${n}>`, (n: string) => `{${n}:[0-9]{1,3}}`)
    const segment = fc.oneof(literal.map(text => ({ text, key: text })), fc.tuple(spellings, name).map(([write, n]) => ({ text: write(n), key: '{}' })))
    fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      expect(routeKeyOf(`/${segments.map(s => s.text).join('/')}`)).toBe(`/${segments.map(s => s.key).join('/')}`)
    }))
  })
})

describe('a template to be registered', () => {
  it('is split into text and parameters for display', () => {
    expect(parseTemplate('/api/orders/{orderId}/{file}.pdf').segments).toEqual([
      [{ kind: 'literal', text: 'api', key: 'api' }],
      [{ kind: 'literal', text: 'orders', key: 'orders' }],
      [{ kind: 'parameter', text: '{orderId}', key: '{}' }],
      [{ kind: 'parameter', text: '{file}', key: '{}' }, { kind: 'literal', text: '.pdf', key: '.pdf' }],
    ])
  })

  it.each([
    ['', 'empty'], ['?x=1', 'empty'], ['/a{b', 'unbalanced'], ['/a}', 'unbalanced'], ['/<x', 'unbalanced'],
    ['/**', 'only-tail'], ['/{rest...}', 'only-tail'], ['/a/**/b', 'tail-not-last'], ['/a/{x...}/b', 'tail-not-last'],
    ['/{a}{b}', 'adjacent'], ['/a b', 'spaces'], [`/${'a'.repeat(600)}`, 'too-long'],
  ])('%j is refused as %s', (template, problem) => {
    expect(parseTemplate(template).problem).toBe(problem)
  })

  it.each(['/', '/a/{b}/**', '/a/{b...}', '/orders/{id}:cancel', '/flights/:from-:to'])('%s is accepted', (template) => {
    expect(parseTemplate(template).problem).toBeUndefined()
  })
})
