import { describe, expect, it } from 'vitest'
import { proceed, type Standing, type Verdict } from '#server/alerting/alert-state'
import { SECOND } from '#shared/units'

const start = Date.parse('2026-11-29T10:00:00Z')
const patience = { for: 10 * SECOND, keepFiring: 15 * SECOND }

/** States after each verdict, one every five seconds. `h` holds, `c` clear, `n` no data, `e` error, `p` paused. */
function course(letters: string, step = 5 * SECOND) {
  const verdicts: Record<string, Verdict> = { h: 'holds', c: 'clear', n: 'no_data', e: 'error', p: 'paused' }
  let standing: Standing | undefined
  return [...letters].map((letter, i) => {
    standing = proceed(standing, verdicts[letter]!, patience, new Date(start + i * step))
    return standing
  })
}

describe('the state of a rule for a subject', () => {
  it.each([
    ['fires when the condition held long enough', 'hhh', 'pending pending firing'],
    ['forgets a condition that went before', 'hhch', 'pending pending ok pending'],
    ['goes on for a while after the condition was last seen', 'hhhcccc', 'pending pending firing firing firing firing ok'],
    ['counts that while anew when the condition returns', 'hhhcchccc', 'pending pending firing firing firing firing firing firing firing'],
    ['is not ok when nobody can be asked', 'cee', 'ok error error'],
    ['waits on where nobody could be asked for a moment', 'hheh', 'pending pending error firing'],
    ['is not ok when there is nothing to judge', 'cn', 'ok no_data'],
    ['is paused at once', 'hhhp', 'pending pending firing paused'],
  ])('%s', (_, letters, states) => {
    expect(course(letters).map(({ state }) => state).join(' ')).toBe(states)
  })

  it('keeps an alert while its source is away, however long', () => {
    expect(course(`hhh${'e'.repeat(500)}h`).slice(3).every(({ firing }) => firing)).toBe(true)
  })

  it('ends an alert whose subject is silent after five minutes', () => {
    const standings = course(`hhh${'n'.repeat(62)}`)
    expect(standings.findIndex(({ firing }, i) => i > 3 && !firing)).toBe(3 + 60)
  })

  it('says since when, and keeps it while the state stays', () => {
    const last = course('hhhhc').at(-1)!
    expect(last.since).toEqual(new Date(start + 10 * SECOND))
  })

  it('is not held up by a clock that went back', () => {
    const hour = 3600 * SECOND
    const pending = proceed(undefined, 'holds', patience, new Date(start + hour))
    const later = proceed(pending, 'holds', patience, new Date(start))
    expect(later).toMatchObject({ state: 'pending', since: new Date(start) })
    expect(proceed(later, 'holds', patience, new Date(start + 10 * SECOND)).state).toBe('firing')
  })
})
