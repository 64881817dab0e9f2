import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '#server/replay/virtual-clock'

const start = new Date('2026-01-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

describe('the virtual clock', () => {
  it('runs what falls due in the order of time, and shows each its own time', async () => {
    const clock = createVirtualClock(start)
    const seen: string[] = []
    clock.every(2_000, () => seen.push(`every ${clock.monotonic()}`))
    clock.at(after(3), () => seen.push(`at ${clock.now().toISOString()}`))
    const cancel = clock.at(after(4), () => seen.push('cancelled'))
    cancel()
    await clock.advanceTo(after(5))
    expect(seen).toEqual(['every 2000', 'at 2026-01-01T00:00:03.000Z', 'every 4000'])
    expect(clock.now()).toEqual(after(5))
  })

  it.each([
    ['goes on at once', () => Promise.resolve()],
    ['gives way to others', () => new Promise(resolve => setImmediate(resolve))],
  ])('waits for what a timer began that %s before time goes on', async (_, breathe) => {
    const clock = createVirtualClock(start)
    const seen: number[] = []
    const slowly = async () => {
      for (let i = 0; i < 50; i++) await breathe()
    }
    clock.every(1_000, () => void slowly().then(() => seen.push(clock.monotonic())))
    await clock.advanceTo(after(3))
    expect(seen).toEqual([1_000, 2_000, 3_000])
  })

  it('runs a timer that a timer sets', async () => {
    const clock = createVirtualClock(start)
    const seen: number[] = []
    const again = () => {
      seen.push(clock.monotonic())
      if (seen.length < 3) clock.at(new Date(clock.now().getTime() + 1_000), again)
    }
    clock.at(after(1), again)
    await clock.advanceTo(after(10))
    expect(seen).toEqual([1_000, 2_000, 3_000])
  })

  it('jumps over a gap, running what fell due in it once', async () => {
    const clock = createVirtualClock(start)
    const seen: number[] = []
    clock.every(1_000, () => seen.push(clock.monotonic()))
    clock.at(after(5), () => seen.push(-1))
    await clock.jumpTo(after(3_600))
    expect(seen.toSorted((a, b) => a - b)).toEqual([-1, 3_600_000])
    await clock.advanceTo(after(3_602))
    expect(seen.at(-1)).toBe(3_602_000)
  })
})
