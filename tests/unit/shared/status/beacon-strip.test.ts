import { expect, it } from 'vitest'
import { beaconTicks } from '#shared/status/beacon-strip'

it('a strip is one line a colour, broken where the state is another', () => {
  expect(beaconTicks('hhdch')).toEqual([
    { d: 'M0 14.5h6M12 14.5h3', height: 5, colour: 'var(--calm)' },
    { d: 'M6 11.5h3', height: 11, colour: 'var(--fire-2)' },
    { d: 'M9 8.5h3', height: 17, colour: 'var(--fire-3)' },
  ])
})

it('nothing known is a low dash for each minute, never a healthy tick', () => {
  expect(beaconTicks('uuu')).toEqual([{ d: 'M0 16.25h9', height: 1.5, colour: 'var(--fire-unlit)' }])
  expect(beaconTicks('')).toEqual([])
})
