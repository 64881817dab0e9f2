import { expect, it } from 'vitest'
import { dayIn, dayStart } from '#shared/text/day-start'

it.each([
  ['2026-11-23', 'UTC', 0, '2026-11-23T00:00:00.000Z'],
  ['2026-11-23', 'Asia/Seoul', 0, '2026-11-22T15:00:00.000Z'],
  ['2026-11-23', 'Asia/Seoul', 1, '2026-11-23T15:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', 0, '2026-03-28T23:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', 1, '2026-03-29T22:00:00.000Z'],
])('the day %s begins in %s, %i days later, at %s', (day, zone, later, at) => {
  expect(dayStart(day, zone, later).toISOString()).toBe(at)
})

it.each([
  ['2026-11-23T14:59:59Z', 'Asia/Seoul', '2026-11-23'],
  ['2026-11-23T15:00:00Z', 'Asia/Seoul', '2026-11-24'],
  ['2026-11-23T15:00:00Z', 'UTC', '2026-11-23'],
])('at %s it is in %s the day %s', (at, zone, day) => {
  expect(dayIn(zone, new Date(at))).toBe(day)
})
