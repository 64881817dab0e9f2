import { describe, expect, it } from 'vitest'
import { createLive } from '#server/live/live'

describe('live', () => {
  it('tells everybody who listens, until they stop', () => {
    const live = createLive()
    const heard: string[] = []
    const stop = live.subscribe(event => void heard.push(event.topic))
    live.publish('status', { changed: [] })
    stop()
    live.publish('register', {})
    expect(heard).toEqual(['status'])
  })

  it('tells what was missed, in order', () => {
    const live = createLive()
    const before = live.lastId()
    live.publish('status', { changed: ['service:a'] })
    const between = live.lastId()
    live.publish('status', { changed: ['service:b'] })
    expect(live.since(before)!.map(event => event.data)).toEqual([{ changed: ['service:a'] }, { changed: ['service:b'] }])
    expect(live.since(between)).toHaveLength(1)
    expect(live.since(live.lastId())).toEqual([])
  })

  it('admits that it no longer knows: too long ago, another process, or nonsense', () => {
    const live = createLive({ kept: 3 })
    const start = live.lastId()
    for (let i = 0; i < 4; i++) live.publish('register', {})
    expect([start, createLive().lastId(), 'x', '', `${start.split('-')[0]}-99`].map(id => live.since(id))).toEqual(Array.from({ length: 5 }))
  })
})
