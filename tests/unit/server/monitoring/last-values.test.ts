import { describe, expect, it } from 'vitest'
import { createLastValues } from '#server/monitoring/last-values'
import { impatiently, withPatience } from '#server/patience'
import { createFakeClock } from '../../../support/fake-clock'

function counter() {
  let asked = 0
  return { load: async () => ++asked, asked: () => asked }
}

describe('last values', () => {
  it('asks once however many ask at the same time', async () => {
    const values = createLastValues<number>({ clock: createFakeClock() })
    const { load, asked } = counter()
    await Promise.all(Array.from({ length: 32 }, () => values.get('a', load)))
    expect(asked()).toBe(1)
  })

  it('gives what it has and reads behind the reader once that is not fresh', async () => {
    const clock = createFakeClock()
    const values = createLastValues<number>({ clock, fresh: 5_000, usable: 20_000 })
    const { load } = counter()
    await values.get('a', load)
    clock.advance(4_999)
    expect((await values.get('a', load)).value).toBe(1)
    clock.advance(1)
    expect((await values.get('a', load)).value).toBe(1)
    await Promise.resolve()
    expect((await values.get('a', load)).value).toBe(2)
  })

  it('waits for the source where the last answer is too old to be given', async () => {
    const clock = createFakeClock()
    const values = createLastValues<number>({ clock, fresh: 5_000, usable: 20_000 })
    const { load } = counter()
    await values.get('a', load)
    clock.advance(20_000)
    const { value, at } = await values.get('a', load)
    expect([value, at]).toEqual([2, clock.now()])
  })

  it('keeps the last answer when the source fails behind it', async () => {
    const clock = createFakeClock()
    const values = createLastValues<number>({ clock, fresh: 5_000, usable: 20_000 })
    await values.get('a', async () => 1)
    clock.advance(6_000)
    expect((await values.get('a', () => Promise.reject(new Error('gone')))).value).toBe(1)
    expect((await values.get('a', async () => 2)).value).toBe(1)
  })

  it('tells who waits that the source failed, and asks again next time', async () => {
    const values = createLastValues<number>({ clock: createFakeClock() })
    await expect(values.get('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect((await values.get('a', async () => 2)).value).toBe(2)
  })

  it('renews only what somebody wanted lately', async () => {
    const clock = createFakeClock()
    const values = createLastValues<number>({ clock })
    const { load, asked } = counter()
    await values.get('old', load)
    clock.advance(61_000)
    await values.get('new', load)
    await values.renew(60_000, () => load)
    expect(asked()).toBe(3)
  })

  it('forgets the oldest when there are too many questions', async () => {
    const values = createLastValues<number>({ clock: createFakeClock(), most: 2 })
    const { load, asked } = counter()
    for (const key of ['a', 'b', 'c', 'a']) await values.get(key, load)
    expect(asked()).toBe(4)
  })

  it('gives who has little time what there is, while others wait for the whole', async () => {
    const clock = createFakeClock()
    const values = createLastValues<string>({ clock })
    let arrive = (_: string) => {}
    const slow = new Promise<string>(resolve => (arrive = resolve))
    // As a source does that waits as long as who asks it.
    const load = () => impatiently(() => slow, () => new Error('slow')).catch(() => 'a part')
    const patient = values.get('a', load)
    const hasty = withPatience({ clock, until: clock.monotonic() + 1_000 }, () => values.get('a', load))
    clock.advance(1_000)
    await new Promise(setImmediate)
    clock.advance(1)
    expect((await hasty).value).toBe('a part')
    arrive('the whole')
    expect((await patient).value).toBe('the whole')
    expect((await values.get('a', load)).value).toBe('the whole')
  })

  it('does not keep for others what was made in haste', async () => {
    const clock = createFakeClock()
    const values = createLastValues<string>({ clock })
    let arrive = (_: string) => {}
    const slow = new Promise<string>(resolve => (arrive = resolve))
    const load = () => impatiently(() => slow, () => new Error('slow')).catch(() => 'a part')
    const hasty = withPatience({ clock, until: clock.monotonic() + 1_000 }, () => values.get('a', load))
    clock.advance(1_000)
    expect((await hasty).value).toBe('a part')
    arrive('the whole')
    expect((await values.get('a', load)).value).toBe('the whole')
  })

  it('gives what lacks a part for a moment only, and waits for the next', async () => {
    const clock = createFakeClock()
    const values = createLastValues<string>({ clock, lacks: value => value === 'a part' })
    await values.get('a', async () => 'a part')
    clock.advance(999)
    expect((await values.get('a', async () => 'the whole')).value).toBe('a part')
    clock.advance(1)
    expect((await values.get('a', async () => 'the whole')).value).toBe('the whole')
  })

  it('is not undone by an older answer that comes later', async () => {
    const values = createLastValues<string>({ clock: createFakeClock() })
    let arrive = (_: string) => {}
    const asked = values.get('a', () => new Promise<string>(resolve => (arrive = resolve)))
    values.put('a', 'newer')
    arrive('older')
    expect((await asked).value).toBe('older')
    expect((await values.get('a', async () => 'asked again')).value).toBe('newer')
  })
})
