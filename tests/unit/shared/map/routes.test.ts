import { describe, expect, it } from 'vitest'
import { layoutLayers, type Box } from '#shared/map/layered-layout'
import type { Link } from '#shared/map/layers'
import { hasFan, levelFans, placeLabels, routePath } from '#shared/map/routes'

const gaps = { between: 100, within: 20 }
const boxes = (ids: string): Box[] => [...ids].map(id => ({ id, width: 160, height: 60 }))
const links = (drawn: string): Link[] => drawn.split(' ').map(pair => ({ from: pair[0]!, to: pair[1]! }))

it('keeps labels of one gap apart', () => {
  const calls = links('ax bx cx dx')
  const { routes } = layoutLayers(boxes('abcdx'), calls, gaps)
  const ys = placeLabels(routes, calls, { distance: 30, lift: 0 }).map(({ y }) => y).sort((a, b) => a - b)
  for (let i = 1; i < ys.length; i++) expect(ys[i]! - ys[i - 1]!).toBeGreaterThanOrEqual(29)
})

describe('a fan', () => {
  it.each([['ax ay az aw', -1], ['xa ya za wa', 0]] as const)('has each label above its own level line: %s', (calls, end) => {
    const fan = links(calls)
    const routes = levelFans(layoutLayers(boxes('axyzw'), fan, { between: 180, within: 40 }).routes, fan, 84)
    const labels = placeLabels(routes, fan, { distance: 30, lift: 20 })
    for (const [i, route] of routes.entries()) {
      const near = route.at(end)!
      const level = route.at(end === -1 ? -2 : 1)!
      expect([level.y, Math.abs(level.x - near.x)]).toEqual([near.y, 84])
      expect(labels[i]).toEqual({ x: (near.x + level.x) / 2, y: Math.round(near.y - 20) })
    }
  })

  it('is four or more: fewer stay as they are', () => {
    expect([hasFan(links('ax ay az')), hasFan(links('ax ay az aw')), hasFan(links('xa ya za wa'))]).toEqual([false, true, true])
    const few = links('ax ay az')
    const { routes } = layoutLayers(boxes('axyz'), few, gaps)
    expect(levelFans(routes, few, 84)).toEqual(routes)
  })
})

it('writes a route as a path', () => {
  expect(routePath([{ x: 0, y: 10 }, { x: 100, y: 10 }])).toBe('M0 10H100')
  expect(routePath([{ x: 0, y: 0 }, { x: 100, y: 50 }])).toBe('M0 0C50 0 50 50 100 50')
  expect(routePath([])).toBe('')
})
