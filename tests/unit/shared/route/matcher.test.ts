import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRouteMatcher, NO_ROUTE, requestRouteKey, routeKeyOf } from '#shared/route-key'

describe('route matcher', () => {
  const matcher = createRouteMatcher([
    '/api/orders', '/api/orders/{id}', '/api/orders/export', '/api/orders/{id}/receipt', '/api/{x}/special/receipt',
    '/api/files/{path...}', '/api/files/{name}.json', '/api/files/{name}', '/주문/{id}', '/',
  ])

  it.each([
    ['/api/orders', '/api/orders'],
    ['/api/orders/', '/api/orders'],
    ['/api/orders?page=2', '/api/orders'],
    ['https://api.example/api/orders/7?x=/y', '/api/orders/{}'],
    ['/api/orders/export', '/api/orders/export'],
    ['/api/orders/Export', '/api/orders/{}'],
    ['/api/orders/ord_7Kf2m/receipt', '/api/orders/{}/receipt'],
    ['/api/orders/special/receipt', '/api/orders/{}/receipt'],
    ['/api/items/special/receipt', '/api/{}/special/receipt'],
    ['/api/files/a.json', '/api/files/{}.json'],
    ['/api/files/.json', '/api/files/{}'],
    ['/api/files/a', '/api/files/{}'],
    ['/api/files/a/b/c', '/api/files/{*}'],
    ['/api/files', '/api/files/{*}'],
    ['/%EC%A3%BC%EB%AC%B8/1', '/주문/{}'],
    ['/', '/'],
    ['/API/orders', undefined],
    ['/api/orders/1/2', undefined],
  ])('puts %s to %s', (path, key) => {
    expect(matcher.match(path)).toBe(key)
  })

  it('goes back to a wider branch when the narrow one leads nowhere', () => {
    expect(createRouteMatcher(['/a/b/c', '/a/{x}/d', '/{y}/b/e', '/a/**']).match('/a/b/d')).toBe('/a/{}/d')
    expect(createRouteMatcher(['/a/b/c', '/{y}/b/e']).match('/a/b/e')).toBe('/{}/b/e')
  })

  it('finds what comparing every template one by one finds', () => {
    const word = fc.constantFrom('a', 'b', 'A')
    const segment = fc.oneof(word, fc.constant('{x}'))
    const template = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([segments, tail]) => `/${segments.join('/')}${tail ? '/**' : ''}`)
    const path = fc.array(word, { minLength: 1, maxLength: 5 }).map(segments => `/${segments.join('/')}`)
    fc.assert(fc.property(fc.array(template, { maxLength: 12 }), path, (templates, real) => {
      expect(createRouteMatcher(templates).match(real)).toBe(bestOf(templates.map(routeKeyOf), real))
    }), { numRuns: 3_000 })
  })

  it('is not slowed down by templates that all begin alike', () => {
    const templates = Array.from({ length: 2 ** 10 }, (_, bits) => `/${Array.from({ length: 10 }, (_, at) => bits >> at & 1 ? 'a' : '{x}').join('/')}/end`)
    const many = createRouteMatcher(templates)
    const before = performance.now()
    for (let run = 0; run < 100; run++) expect(many.match(`${'/a'.repeat(10)}/nowhere`)).toBeUndefined()
    expect(performance.now() - before).toBeLessThan(2_000)
  })
})

/** The rule by itself: segment by segment from the left, text before `{}` before `{*}`. */
function bestOf(keys: string[], path: string): string | undefined {
  const real = path.split('/').slice(1)
  const rank = (key: string) => key.split('/').slice(1).map(segment => segment === '{*}' ? 2 : segment === '{}' ? 1 : 0).join('')
  return keys
    .filter((key) => {
      const segments = key.split('/').slice(1)
      const tail = segments.at(-1) === '{*}'
      const fixed = tail ? segments.slice(0, -1) : segments
      return (tail ? real.length >= fixed.length : real.length === fixed.length) && fixed.every((segment, at) => segment === '{}' || segment === real[at])
    })
    // An exact end is better than a tail that takes nothing.
    .sort((a, b) => `${rank(a)}/`.replace('2/', '2') < `${rank(b)}/`.replace('2/', '2') ? -1 : 1)[0]
}

describe('route key of a request', () => {
  const matcher = createRouteMatcher(['/api/orders/{id}'])

  it('is the route that the sender gives', () => {
    expect(requestRouteKey({ route: '/x/:id', path: '/api/orders/ab', matcher })).toBe('/x/{}')
  })

  it('is the best registered template where no route is given, or one that catches all', () => {
    expect(requestRouteKey({ path: '/api/orders/ab', matcher })).toBe('/api/orders/{}')
    expect(requestRouteKey({ route: '/**', path: '/api/orders/ab?x=1', matcher })).toBe('/api/orders/{}')
  })

  it.each([
    ['/a/17/b', '/a/{}/b'],
    ['/a/-3', '/a/{}'],
    ['/a/0b0e2c14-4a6f-4d5b-9f3e-5c5d1f0a9b7c', '/a/{}'],
    ['/a/5f2b9c0e8d', '/a/{}'],
    ['/a/deadbeef', '/a/deadbeef'],
    ['/a/facade', '/a/facade'],
    ['/a/2026-11-24', '/a/{}'],
    ['/a/2026-11-24T10:00:00Z', '/a/{}'],
    ['/a/20261124', '/a/{}'],
    ['/api/2.0/v1', '/api/2.0/v1'],
    ['https://h:8080/a/17/?q=1#f', '/a/{}'],
    ['https://h', '/'],
    ['/a/{x}/:y', '/a/%7Bx%7D/%3Ay'],
  ])('else %s becomes %s', (path, key) => {
    expect(requestRouteKey({ path })).toBe(key)
  })

  it('is "(no route)" where nothing is known', () => {
    expect(requestRouteKey({})).toBe(NO_ROUTE)
    expect(requestRouteKey({ route: '/**' })).toBe(NO_ROUTE)
  })

  it('reads back as itself, so that a path seen can be registered as it stands', () => {
    const segment = fc.oneof(fc.webSegment().filter(text => text.length > 0), fc.nat().map(String), fc.uuid(), fc.constantFrom('{x}', ':y', '<z>', '*', 'a b'))
    fc.assert(fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
      const key = requestRouteKey({ path: `/${segments.join('/')}` })
      expect(routeKeyOf(key)).toBe(key)
    }), { numRuns: 1_000 })
  })
})
