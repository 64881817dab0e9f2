import { liveTopics, type LiveTopic } from '#shared/live-topics'

export interface LiveMessage {
  topic: LiveTopic | 'resync'
  data: unknown
  id?: string
}

const pollEvery = 10_000
const retryAfter = 10_000

/**
 * One stream a browser: the tab that holds the lock listens to the server and tells the others. Where a browser lacks
 * what that takes, or the server refuses another stream, everything is asked for again every ten seconds.
 */
export function createLiveConnection() {
  const listeners = new Set<(message: LiveMessage) => void>()
  const heardAt = ref(Date.now())
  const canShare = 'locks' in navigator && 'BroadcastChannel' in window && 'EventSource' in window
  const channel = canShare ? new BroadcastChannel('bongsu-live') : undefined
  let source: EventSource | undefined
  let last: string | undefined
  let release: (() => void) | undefined
  let waiting: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function tell(message: LiveMessage) {
    heardAt.value = Date.now()
    if (message.id) last = message.id
    for (const listener of listeners) listener(message)
  }

  function hear(message: LiveMessage) {
    channel?.postMessage(message)
    tell(message)
  }

  function open() {
    source = new EventSource(`/api/stream${last ? `?last=${encodeURIComponent(last)}` : ''}`)
    source.addEventListener('hello', event => void (last = event.lastEventId, heardAt.value = Date.now()))
    source.addEventListener('resync', event => hear({ topic: 'resync', data: {}, id: event.lastEventId }))
    for (const topic of liveTopics) {
      source.addEventListener(topic, event => hear({ topic, data: JSON.parse(event.data), id: event.lastEventId }))
    }
    // A broken line mends itself; a refused one does not.
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return
      timer = setTimeout(() => {
        hear({ topic: 'resync', data: {} })
        open()
      }, retryAfter)
    }
  }

  function start() {
    if (!canShare) {
      timer = setInterval(() => document.visibilityState === 'visible' && tell({ topic: 'resync', data: {} }), pollEvery)
      return
    }
    waiting = new AbortController()
    navigator.locks.request('bongsu-live', { signal: waiting.signal }, () => new Promise<void>((done) => {
      release = done
      open()
    })).catch(() => {})
  }

  /** Whoever listens keeps a page out of the browser's back-forward cache. */
  function stop() {
    waiting?.abort()
    clearInterval(timer)
    source?.close()
    source = undefined
    release?.()
    release = undefined
  }

  let started = false
  return {
    heardAt: readonly(heardAt),
    subscribe(listener: (message: LiveMessage) => void): () => void {
      if (!started) {
        started = true
        channel?.addEventListener('message', event => tell(event.data as LiveMessage))
        window.addEventListener('pagehide', stop)
        window.addEventListener('pageshow', (event) => {
          if (!event.persisted) return
          start()
          tell({ topic: 'resync', data: {} })
        })
        start()
      }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type LiveConnection = ReturnType<typeof createLiveConnection>
