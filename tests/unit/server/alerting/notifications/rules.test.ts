import { describe, expect, it } from 'vitest'
import { joinDue, singles } from '#server/alerting/notifications/joining'
import { answered } from '#server/alerting/notifications/outcome'
import { nextTry } from '#server/alerting/notifications/retry'
import { DAY, HOUR, MINUTE, SECOND } from '#shared/units'

describe('WH-02 a message that did not arrive', () => {
  const first = new Date('2026-11-23T05:00:00Z')
  const after = (ms: number) => new Date(first.getTime() + ms)

  it.each([
    [0, 10 * SECOND], [3 * SECOND, 10 * SECOND], [10 * SECOND, MINUTE], [61 * SECOND, 5 * MINUTE], [6 * MINUTE, 30 * MINUTE], [HOUR, 2 * HOUR], [3 * HOUR, 6 * HOUR], [7 * HOUR, DAY],
  ])('%i ms after its first try is tried again %i ms after it', (passed, next) => {
    expect(nextTry({ first, now: after(passed), random: 0 })).toEqual(after(next))
  })

  it('is given up after a day', () => {
    expect(nextTry({ first, now: after(DAY), random: 0 })).toBeUndefined()
  })

  it('is spread over a tenth of the wait', () => {
    expect(nextTry({ first, now: after(MINUTE), random: 1 })).toEqual(after(5 * MINUTE + 24 * SECOND))
  })

  it('waits as long as the receiver asks, within the day', () => {
    expect(nextTry({ first, now: first, pause: 5 * MINUTE, random: 0 })).toEqual(after(5 * MINUTE))
    expect(nextTry({ first, now: after(23 * HOUR), pause: 9 * HOUR, random: 0 })!.getTime()).toBeLessThanOrEqual(after(1.1 * DAY).getTime())
  })
})

describe('what an answer means', () => {
  it.each([
    [200, 'sent'], [204, 'sent'], [299, 'sent'],
    [301, 'never'], [302, 'never'], [307, 'never'],
    [400, 'never'], [401, 'never'], [403, 'never'], [404, 'never'], [413, 'never'], [422, 'never'],
    [408, 'later'], [425, 'later'], [429, 'later'],
    [410, 'gone'],
    [500, 'later'], [502, 'later'], [503, 'later'], [599, 'later'],
  ])('%i: %s', (status, result) => {
    expect(answered(status).result).toBe(result)
  })
})

describe('a message instead of a storm', () => {
  const now = new Date('2026-11-23T05:00:00Z')
  const ago = (seconds: number) => new Date(now.getTime() - seconds * SECOND)
  /** `a b* b~`: one delivery a letter, its incident; `*` was held and is due, `~` is held still. */
  const owed = (drawn: string) => drawn.split(' ').filter(Boolean).map((word, i) => ({ id: `${i}`, incidentId: word[0]!, heldUntil: word[1] === '*' ? ago(1) : word[1] === '~' ? ago(-60) : null }))
  const joined = (drawn: string, recent: number[] = []) => joinDue(owed(drawn), { now, recent: recent.map(ago) }).map(({ id, incidentId }) => `${incidentId}${id}`).join(' ')

  it.each([
    ['nothing', '', [], ''],
    ['one', 'a', [], 'a0'],
    ['the first of a few', 'a b c', [], 'a0'],
    ['all that is owed of one incident', 'a b a', [], 'a0 a2'],
    ['several, where they are more than may go singly', 'a b c d e f', [], 'a0 b1 c2 d3 e4 f5'],
    ['the first, where exactly so many may', 'a b c d e', [], 'a0'],
    ['several, where some went within the minute', 'a b', [30, 20, 10, 5], 'a0 b1'],
    ['none, where enough went within the minute', 'a b', [30, 20, 10, 5, 1], ''],
    ['what came meanwhile, when the minute is over', 'a b c', [60, 30, 20, 10, 5], 'a0 b1 c2'],
    ['nothing that is held', 'a~', [], ''],
    ['what was held, together', 'a* b*', [], 'a0 b1'],
    ['what is held of an incident that has news', 'a~ b~ a', [], 'a0 a2'],
  ])('tells %s', (_, drawn, recent, expected) => {
    expect(joined(drawn, recent)).toBe(expected)
  })

  it('lets five go singly', () => expect(singles).toBe(5))
})
