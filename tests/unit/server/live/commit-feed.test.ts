import { expect, it } from 'vitest'
import { createCommitFeed } from '#server/live/commit-feed'
import { createLive, type LiveEvent } from '#server/live/live'
import { createFakeClock } from '../../../support/fake-clock'

function setUp() {
  const clock = createFakeClock()
  const live = createLive()
  const events: Pick<LiveEvent, 'topic' | 'data'>[] = []
  live.subscribe(({ topic, data }) => void events.push({ topic, data }))
  return { clock, events, note: createCommitFeed({ live, clock }) }
}

it('adds up what came within a second', () => {
  const { clock, events, note } = setUp()
  note({ signals: ['traces'], services: ['a'], traces: ['1'], more: false })
  note({ signals: ['traces', 'logs'], services: ['b'], traces: ['1', '2'], more: false })
  expect(events).toEqual([])
  clock.advance(1_000)
  expect(events).toEqual([
    { topic: 'traces', data: { ids: ['1', '2'], services: ['a', 'b'], more: false } },
    { topic: 'logs', data: { services: ['b'] } },
  ])
  clock.advance(5_000)
  expect(events).toHaveLength(2)
})

it('names at most 200 traces, and says that there are more', () => {
  const { clock, events, note } = setUp()
  note({ signals: ['traces'], services: ['a'], traces: Array.from({ length: 201 }, (_, i) => String(i)), more: false })
  clock.advance(1_000)
  const data = events[0]!.data as { ids: string[], more: boolean }
  expect([data.ids.length, data.more]).toEqual([200, true])
})
