import { describe, expect, it } from 'vitest'
import { areaText, parseArea } from '#shared/search/area'

const from = new Date('2026-11-23T05:20:24Z')
const to = new Date('2026-11-23T05:22:12Z')

describe('an area in the URL', () => {
  it.each([[{ from, to }], [{ from, to, min: 7_300_000, max: 9_900_000 }]])('reads back %j', area => expect(parseArea(areaText(area))).toEqual(area))

  it('is drawn to whole milliseconds and microseconds', () => {
    expect(areaText({ from, to, min: 0.4, max: 12.6 })).toBe(`${from.getTime()}-${to.getTime()}-0-13`)
  })

  it.each([undefined, '', '5', '5-4', '5-5', '1-2-3', '1-2-9-3', 'a-b', '1-2-3-4-5', `${'9'.repeat(20)}-1`])('is not %j', text => expect(parseArea(text)).toBeUndefined())
})
