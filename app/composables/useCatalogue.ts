import type { Messages } from '#shared/text/catalogue'
import type { Language } from '#shared/text/languages'
import { everywhere } from '#shared/text/rooms'

/**
 * The messages of one language. The server has all; a browser gets those of the rooms that its page was written with,
 * before it takes the page over, and the rest at the first sign that somebody is there who may press something, or goes on.
 */
export async function useCatalogue(language: Language): Promise<Catalogue> {
  const written = useState<string[]>('rooms', () => [])
  if (import.meta.server) {
    const rooms = new Set<string>()
    useNuxtApp().hooks.hookOnce('app:rendered', () => void (written.value = [...rooms]))
    const messages = await catalogues[language]()
    return {
      messages,
      has(room) {
        if (room in messages) rooms.add(room)
        return true
      },
    }
  }

  const messages: Record<string, Messages> = {}
  const folder = `../../shared/text/${language}/`
  const rooms = Object.keys(files).flatMap(path => (path.startsWith(folder) ? path.slice(folder.length, -'.ts'.length) : []))
  /** Read where a text is missing, so that what shows it is drawn again. */
  const arrived = shallowRef(0)
  const asked = new Map<string, Promise<void>>()
  function load(room: string): Promise<void> {
    let loading = asked.get(room)
    if (!loading) {
      asked.set(room, loading = files[`${folder}${room}.ts`]!().then((found) => {
        messages[room] = found[room]!
        arrived.value++
      }))
      // What did not come is asked for again when it is needed again.
      loading.catch(() => asked.delete(room))
    }
    return loading
  }
  const loadAll = () => Promise.all(rooms.map(load))

  useRouter().beforeResolve(async (to, from) => {
    if (to.path !== from.path) await loadAll()
  })
  // Whatever a press of a button brings is then said at once, from whichever room it comes.
  onNuxtReady(() => onFirstSign(() => loadAll().catch(() => undefined)))
  await Promise.all([...everywhere, ...written.value].map(load))
  return {
    messages,
    has(room) {
      if (room in messages || !rooms.includes(room)) return true
      load(room).catch(() => undefined)
      void arrived.value
      return false
    },
  }
}

/** That somebody is at the page: a hand is on the mouse or a finger on a key before anything is pressed. */
function onFirstSign(act: () => void) {
  const signs = ['pointermove', 'pointerdown', 'focusin', 'keydown'] as const
  const first = new AbortController()
  for (const sign of signs) {
    addEventListener(sign, () => {
      first.abort()
      act()
    }, { passive: true, capture: true, signal: first.signal })
  }
}

interface Catalogue {
  messages: Messages
  has: (room: string) => boolean
}

const catalogues: Record<Language, () => Promise<Messages>> = {
  en: () => import('#shared/text/en').then(module => module.en),
  ko: () => import('#shared/text/ko').then(module => module.ko),
}

const files = import.meta.client ? import.meta.glob<Record<string, Messages>>(['../../shared/text/{en,ko}/*.ts', '!**/index.ts']) : {}
