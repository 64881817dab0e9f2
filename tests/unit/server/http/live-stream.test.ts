import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { anonymous, type Actor } from '#server/access/access'
import { drain } from '#server/http/drain'
import { createLiveStreams, liveLimits } from '#server/http/live-stream'
import { createLive } from '#server/live/live'
import { actorWith } from '../../../support/actor'
import { createFakeClock } from '../../../support/fake-clock'

/** A response that keeps what is written; `stuck` holds it back as a client does that never reads. */
function createResponse({ stuck = false } = {}) {
  const response = Object.assign(new EventEmitter(), {
    text: '', writableLength: 0, writableEnded: false, ended: false, destroyed: false,
    writeHead: () => {},
    write(text: string) {
      response.text += text
      if (stuck) response.writableLength += text.length
    },
    end() {
      response.ended = response.writableEnded = true
      response.emit('close')
    },
    destroy() {
      response.destroyed = true
      response.emit('close')
    },
  })
  return response as typeof response & { writeHead: never, write: never, end: never, destroy: never, once: never }
}

function setUp() {
  const live = createLive()
  const clock = createFakeClock()
  const streams = createLiveStreams({ live, clock, random: () => 0 })
  let seq = 0
  function listen({ actor = actorWith('operator') as Actor, id = `u${++seq}`, last = undefined as string | undefined, stuck = false } = {}) {
    const response = createResponse({ stuck })
    const reader = { actor }
    void streams.open({ response, actor: { id }, currentActor: () => reader.actor, last })
    return { response, reader }
  }
  return { live, clock, streams, listen }
}

/** Types and data as a browser would hear them. */
function eventsOf(text: string) {
  return text.split('\n\n').flatMap((block) => {
    const type = /^event: (.*)$/m.exec(block)?.[1]
    return type ? [{ type, id: /^id: (.*)$/m.exec(block)![1], data: JSON.parse(/^data: ([^\r\n]*)$/m.exec(block)![1]!) }] : []
  })
}

describe('live stream', () => {
  it('LV-01 allows 5 streams a user and 500 in all, and gives the place back', () => {
    const { listen, streams } = setUp()
    const mine = Array.from({ length: 5 }, () => listen({ id: 'me' }))
    expect(() => listen({ id: 'me' })).toThrow(expect.objectContaining({ code: 'request.too_many' }))
    mine[0]!.response.emit('close')
    listen({ id: 'me' })
    for (let i = streams.count(); i < 500; i++) listen()
    expect(() => listen()).toThrow(expect.objectContaining({ code: 'request.too_many' }))
  })

  it('LV-01 beats every 15 s, ends after 15 minutes, and resumes with what was missed', () => {
    const { live, clock, listen } = setUp()
    const { response } = listen()
    live.publish('status', { changed: ['service:a'] })
    clock.advance(15_000)
    expect(response.text).toContain('\n\n: \n\n')
    clock.advance(liveLimits.lifetime - 15_000)
    expect(response.ended).toBe(true)

    const last = eventsOf(response.text).at(-1)!.id
    live.publish('status', { changed: ['service:b'] })
    expect(eventsOf(listen({ last }).response.text)).toMatchObject([{ type: 'hello', id: last }, { type: 'status', data: { changed: ['service:b'] } }])
  })

  it('LV-01 says so when what was missed is gone, so that the page asks for everything', () => {
    const { listen, live } = setUp()
    expect(eventsOf(listen({ last: 'deadbeef-7' }).response.text)).toMatchObject([{ type: 'resync', id: live.lastId() }])
    expect(eventsOf(listen().response.text)).toMatchObject([{ type: 'hello' }])
  })

  it('LV-02 cuts a client that stops reading at 256 KiB', () => {
    const { live, listen } = setUp()
    const { response } = listen({ stuck: true })
    for (let i = 0; i < 400; i++) live.publish('traces', { ids: ['f'.repeat(1_000)], services: [], more: false })
    expect(response.destroyed).toBe(true)
    expect(response.writableLength).toBeLessThan(258 * 1024)
  })

  it('LV-02 cuts it after 10 s with anything left in the queue', () => {
    const { clock, listen } = setUp()
    const { response } = listen({ stuck: true })
    clock.advance(10_000)
    expect(response.destroyed).toBe(false)
    clock.advance(5_000)
    expect(response.destroyed).toBe(true)
  })

  it('LV-03 filters every event by the rights of the moment it is sent', () => {
    const { live, listen } = setUp()
    const { response, reader } = listen()
    live.publish('traces', { ids: ['seen'], services: [], more: false })
    reader.actor = actorWith('viewer')
    live.publish('traces', { ids: ['hidden'], services: [], more: false })
    live.publish('status', { changed: [] })
    expect(eventsOf(response.text).map(({ type }) => type)).toEqual(['hello', 'traces', 'status'])
    expect(response.text).not.toContain('hidden')
  })

  it('LV-03 filters what is told again after a break just as well', () => {
    const { live, listen } = setUp()
    const last = live.lastId()
    live.publish('traces', { ids: ['hidden'], services: [], more: false })
    expect(listen({ actor: actorWith('viewer'), last }).response.text).not.toContain('hidden')
  })

  it('AZ-08 AN-07 ends within 5 s once the session is over', () => {
    const { clock, listen } = setUp()
    const { response, reader } = listen()
    reader.actor = anonymous
    clock.advance(5_000)
    expect(response.ended).toBe(true)
  })

  it.each(['\r', '\n', '\r\nevent: x\r\ndata: y', '\n\nevent: x\n\n', '\u2028'])('IN-07 sends %j as one event of the right type', (text) => {
    const { live, listen } = setUp()
    const { response } = listen()
    live.publish('status', { changed: [text] })
    expect(response.text.split(/\r\n|\r|\n/).filter(line => line.startsWith('event:'))).toEqual(['event: hello', 'event: status'])
    expect(eventsOf(response.text).at(-1)!.data).toEqual({ changed: [text] })
  })

  it('lets the server go: every stream ends when it drains', async () => {
    const { listen, streams } = setUp()
    const listeners = [listen(), listen()]
    await drain()
    expect([listeners.every(({ response }) => response.ended), streams.count()]).toEqual([true, 0])
  })
})
