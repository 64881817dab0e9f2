import { describe, expect, it } from 'vitest'
import { isZone } from '#shared/text/time-zone'

describe('a time zone', () => {
  it.each([
    ['Asia/Seoul', true],
    ['UTC', true],
    ['+09:00', true],
    ['Asia/Soul', false],
    ['', false],
    ['a'.repeat(10_000), false],
  ])('%s: %s, however often it is asked', (zone, known) => {
    expect([isZone(zone), isZone(zone)]).toEqual([known, known])
  })

  it('is told apart after any number of names nobody knows', () => {
    for (let i = 0; i < 2_000; i++) isZone(`Nowhere/${i}`)
    expect([isZone('Europe/Seoul'), isZone('Europe/Berlin')]).toEqual([false, true])
  })
})
