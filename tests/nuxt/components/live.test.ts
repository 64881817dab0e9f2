import { mockNuxtImport, mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { computed, defineComponent, h, ref, shallowRef } from 'vue'
import type { LiveConnection, LiveMessage } from '~/composables/live-connection'
import { useFreshRows } from '~/composables/useFreshRows'
import { useLive } from '~/composables/useLive'
import LiveControl from '~~/components/app/LiveControl.vue'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))
mockNuxtImport('useNow', () => () => ref(new Date('2026-11-23T05:30:00Z')))

const since = '2026-11-23T05:29:12.000Z'
const updatedAt = new Date('2026-11-23T05:29:58Z')
const away = Object.assign(new Error('away'), { data: { code: 'source.unavailable', params: { source: 'elasticsearch', reason: 'refused', since } } })
const unknown = Object.assign(new Error('unexpected'), { data: { code: 'app.unexpected' } })
type Answer = { rows: string[], warnings: { code: string, params?: { reason: string } }[] }

let tell: (message: LiveMessage) => void
beforeEach(() => {
  const listeners = new Set<typeof tell>()
  tell = message => listeners.forEach(listener => listener(message))
  vi.spyOn(useNuxtApp().$live as LiveConnection, 'subscribe').mockImplementation((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  })
})

/** A page that is left when its test is over: it would ask on. */
async function open(component: Parameters<typeof mountSuspended>[0]) {
  const page = await mountSuspended(component)
  onTestFinished(() => page.unmount())
  return page
}

/** A page of one answer, which is asked for again as `answers` say: an error is refused with, as Nuxt does it. */
async function livePage(first: Answer | undefined, answers: (Answer | Error)[] = [], error = ref<unknown>()) {
  const data = shallowRef(first)
  const refresh = vi.fn(async () => {
    const next = answers.length > 1 ? answers.shift() : answers[0]
    error.value = next instanceof Error ? next : undefined
    data.value = next instanceof Error ? undefined : next
  })
  const page = await open(defineComponent({
    setup() {
      const live = useLive(['status'], refresh, { every: 20, parts: [{ data, error }] })
      return () => h('main', [h(LiveControl, { live, updatedAt: data.value && updatedAt }), h('p', data.value?.rows.join())])
    },
  }))
  return { refresh, pause: () => page.get('button').trigger('click'), mark: () => page.get('.live-dot').classes().at(-1), words: () => page.get('.figure').text(), told: () => page.get('[aria-live]').text(), rows: () => page.get('p').text() }
}
const whole: Answer = { rows: ['a', 'b'], warnings: [] }
const part: Answer = { rows: ['a'], warnings: [{ code: 'unavailable' }] }

it('a page that has everything is live', async () => {
  const page = await livePage(whole)
  expect(page.mark()).toBe('live')
  expect(page.words()).toMatch(/^(Live · 2 s ago|실시간 · 2초 전)$/)
  expect(page.told()).toBe('')
})

it('an answer that lacks a part is live in part, is asked for until it is whole, and says that it heals', async () => {
  const page = await livePage(part, [part, part, whole])
  expect(page.mark()).toBe('partly')
  expect(page.words()).toMatch(/Live in part|일부만 실시간/)
  await vi.waitFor(() => expect(page.mark()).toBe('live'))
  expect(page.refresh).toHaveBeenCalledTimes(3)
  expect(page.told()).toMatch(/Live again|다시 실시간/)
})

it('a source that answers no more leaves what was shown, and is named by the time it went, aloud too', async () => {
  const page = await livePage(whole, [away])
  tell({ topic: 'status', data: {} })
  await vi.waitFor(() => expect(page.mark()).toBe('unanswered'))
  expect(page.rows()).toBe('a,b')
  expect(page.words()).toMatch(/^(No answer since 05:29:12|05:29:12부터 응답 없음)$/)
  expect(page.told()).toBe(page.words())
  await vi.waitFor(() => expect(page.refresh.mock.calls.length).toBeGreaterThan(2))
})

it('an answer that fails for another reason is no live page either, though not asked for at that pace', async () => {
  const page = await livePage(whole, [unknown])
  tell({ topic: 'status', data: {} })
  await vi.waitFor(() => expect(page.mark()).toBe('unanswered'))
  expect(page.words()).toContain('05:29:58')
  await new Promise(done => setTimeout(done, 200))
  expect(page.refresh).toHaveBeenCalledTimes(1)
})

it('what was only not there yet when the page was written is waited for, and no trouble', async () => {
  const page = await livePage({ rows: ['a'], warnings: [{ code: 'unavailable', params: { reason: 'slow' } }] }, [whole])
  expect(page.mark()).toBe('awaited')
  expect(page.words()).toMatch(/Waiting for an answer|응답을 기다리는 중/)
  await vi.waitFor(() => expect(page.mark()).toBe('live'))
  expect(page.told()).toBe('')
  const slow = Object.assign(new Error('slow'), { data: { code: 'source.unavailable', params: { source: 'zipkin', reason: 'slow' } } })
  expect((await livePage(undefined, [whole], ref<unknown>(slow))).mark()).toBe('awaited')
})

it('an answer to another question leaves nothing of the last one', async () => {
  const error = ref<unknown>()
  const data = shallowRef<Answer | undefined>(whole)
  await open(defineComponent({ setup: () => (useLive([], async () => {}, { parts: [{ data, error }] }), () => null) }))
  error.value = away
  data.value = undefined
  expect(data.value).toBeUndefined()
})

it('an answer that is asked for on its own account stands until another question is asked', async () => {
  const error = ref<unknown>()
  const data = shallowRef<Answer | undefined>(whole)
  const question = ref({ range: '30m' })
  await open(defineComponent({ setup: () => (useLive([], async () => {}, { parts: [{ data, error, question }] }), () => null) }))
  const fail = () => {
    error.value = away
    data.value = undefined
  }
  fail()
  expect(data.value).toBe(whole)
  question.value = { range: '1h' }
  fail()
  expect(data.value).toBeUndefined()
  data.value = part
  fail()
  expect(data.value).toBe(part)
})

it('who pauses a page is told that it stands still, whatever is missing', async () => {
  const page = await livePage(part, [part])
  await page.pause()
  expect(page.mark()).toBe('paused')
  expect(page.words()).toMatch(/Paused|멈춤/)
  expect(page.told()).toBe('')
})

it('a search whose source is away is not live, and follows again when it is back', async () => {
  const rows = shallowRef<{ lines: string[] }>()
  const error = ref<unknown>(away)
  const load = vi.fn(async (): Promise<{ lines: string[] }> => { throw away })
  const page = await open(defineComponent({
    setup() {
      const { live, updatedAt, failed, away: named } = useFreshRows({
        topic: 'logs', asked: computed(() => 'all'), page: rows, error, beside: { data: ref(null), error: ref() }, load,
        newOf: () => 0, reading: () => false, follows: () => true,
      })
      return () => h('main', [h(LiveControl, { live, updatedAt: updatedAt.value }), h('p', `${rows.value?.lines.length ?? 'none'} ${Boolean(failed.value)} ${Boolean(named.value)}`)])
    },
  }))
  const mark = () => page.get('.live-dot').classes().at(-1)
  expect(mark()).toBe('unanswered')
  expect(page.get('.figure').text()).toContain('05:29:12')
  expect(page.get('p').text()).toBe('none true false')

  load.mockImplementation(async () => ({ lines: ['a'] }))
  await vi.waitFor(() => expect(mark()).toBe('live'), 5_000)
  expect(page.get('p').text()).toBe('1 false false')

  load.mockImplementation(async () => { throw away })
  tell({ topic: 'logs', data: {} })
  await vi.waitFor(() => expect(mark()).toBe('unanswered'), 5_000)
  expect(page.get('p').text()).toBe('1 true true')
})
