import { describe, expect, it } from 'vitest'
import { decodeSkeleton, encodeSkeleton } from '../../../../shared/trace/skeleton'
import { hasFailed } from '../../../../shared/trace/skeleton-span'
import { FAILED, ON_ERROR_CHAIN, ORIGIN, OWN_ERROR, RETRIED } from '../../../../shared/trace/span-table'
import { draw, wordOf } from '../../../support/spans'

/** By span: o origin, s own error, b error from below, r retried, c on the chain. */
function errors(timeline: string): Record<string, string> {
  const trace = decodeSkeleton(encodeSkeleton(draw(timeline)))
  return Object.fromEntries([...trace.flags].flatMap((flags, i) => {
    const marks = [
      flags & ORIGIN ? 'o' : '', flags & FAILED ? (flags & OWN_ERROR ? 's' : 'b') : '',
      flags & RETRIED ? 'r' : '', flags & ON_ERROR_CHAIN ? 'c' : '',
    ].join('')
    return marks ? [[wordOf(trace.keyOf(i)), marks]] : []
  }))
}

describe('failed', () => {
  it.each([
    ['status ERROR without an answer', { status: 'error' }, true],
    ['answered 500', { status: 'unset', httpStatus: 500 }, true],
    ['answered 404, whatever the status says', { status: 'error', httpStatus: 404 }, false],
    ['answered 200 with status ERROR', { status: 'error', httpStatus: 200 }, false],
    ['nothing wrong', { status: 'ok' }, false],
  ] as const)('%s', (_, span, failed) => {
    expect(hasFailed(span)).toBe(failed)
  })
})

describe('the origin of an error', () => {
  it.each([
    ['handed up through every span', `
      gate     |==========|  server 502
        call    |=======|    client x
          pay    |=====|     server [pay] 500
            sql   |===|      client x
    `, { gate: 'bc', call: 'bc', pay: 'bc', sql: 'osc' }],
    ['a call given up is its own error, whatever the callee says', `
      gate     |==========|  server 502
        call    |=======|    client x
          pay    |=========| server [pay] 200
    `, { gate: 'bc', call: 'osc' }],
    ['through an internal span that does not say that it failed', `
      gate     |==========|  server 500
        step    |=======|
          sql    |=====|     client x
    `, { gate: 'bc', step: 'c', sql: 'osc' }],
    ['not through a call that was answered', `
      gate     |==========|  server 500
        call    |=======|    client 200
          pay    |=====|     server [pay] 200
            sql   |===|      client x
    `, { gate: 'osc', sql: 's' }],
    ['the first in time of two that are their own', `
      gate     |==========|  server 500
        a       |==|         client x
        b         |=|        client x
    `, { gate: 'bc', a: 'osc', b: 's' }],
    ['of two that end together the deeper', `
      gate     |==========|  server 500
        a       |==|         client x
        s       |==|
          b      |=|         client x
    `, { gate: 'bc', a: 's', s: 'c', b: 'osc' }],
    ['in a request that went well: the first error it survived', `
      gate     |==========|  server 200
        cache   |==|         client x
    `, { gate: 'c', cache: 'osc' }],
    ['none in a healthy trace', `
      gate     |==========|  server 200
        a       |==|
    `, {}],
    ['none when the caller is to blame', `
      gate     |==========|  server 404
        a       |==|         client 404
    `, {}],
    ['an asynchronous failure explains nothing', `
      gate     |======|         server 500
        send    |=|             producer
          mail          |==|    consumer x
    `, { gate: 'osc', mail: 's' }],
  ])('%s', (_, timeline, expected) => {
    expect(errors(timeline)).toEqual(expected)
  })

  it('passes over attempts after which the same call went well', () => {
    const spans = draw(`
      gate     |==========|  server 500
        try1    |==|         client x
        try2       |==|      client
        parse          |=|   x
    `).map(span => ({ ...span, name: span.name.replace(/\d/, '') }))
    const trace = decodeSkeleton(encodeSkeleton(spans))
    expect([...trace.flags].map(flags => [flags & RETRIED ? 'r' : '', flags & ORIGIN ? 'o' : ''].join(''))).toEqual(['', 'r', '', 'o'])
  })
})
