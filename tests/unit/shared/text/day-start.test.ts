import { expect, it } from 'vitest'
import { dayStart } from '#shared/text/day-start'

it.each([
  ['2026-11-23', 'UTC', 0, '2026-11-23T00:00:00.000Z'],
  ['2026-11-23', 'Asia/Seoul', 0, '2026-11-22T15:00:00.000Z'],
  ['2026-11-23', 'Asia/Seoul', 1, '2026-11-23T15:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', 0, '2026-03-28T23:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', 1, '2026-03-29T22:00:00.000Z'],
])('the day %s begins in %s, %i days later, at %s', (day, zone, later, at) => {
  expect(dayStart(day, zone, later).toISOString()).toBe(at)
})
