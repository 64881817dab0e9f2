import type { Messages } from '#shared/text/catalogue'
import type { Language } from '#shared/text/languages'

/**
 * The messages of one language. The server has all; a browser gets those of the rooms that its page was written with,
 * before it takes the page over, and the rest when its reader goes on.
 */
export async function useCatalogue(language: Language): Promise<Catalogue> {
  const written = useState<string[]>('rooms', () => [])
  if (import.meta.server) {
    const messages = await catalogues[language]()
    const rooms = new Set(written.value)
    return {
      messages,
      has(room) {
        if (!rooms.has(room) && room in messages) written.value.push(room)
        rooms.add(room)
        return true
      },
    }
  }

  const messages: Record<string, Messages> = {}
  /** Read where a text is missing, so that what shows it is drawn again. */
  const arrived = shallowRef(0)
  const asked = new Map<string, Promise<void>>()
  function load(room: string): Promise<void> {
    if (!asked.has(room)) {
      asked.set(room, files[`../../shared/text/${language}/${room}.ts`]!().then((found) => {
        messages[room] = found[room]!
        arrived.value++
      }))
    }
    return asked.get(room)!
  }
  await Promise.all([...everywhere, ...written.value].map(load))

  const rooms = Object.keys(files).flatMap(path => (path.startsWith(`../../shared/text/${language}/`) ? path.slice(path.lastIndexOf('/') + 1, -'.ts'.length) : []))
  useRouter().beforeResolve(async (to, from) => {
    if (to.path !== from.path) await Promise.all(rooms.map(load))
  })
  return {
    messages,
    has(room) {
      if (room in messages || !rooms.includes(room)) return true
      void load(room)
      void arrived.value
      return false
    },
  }
}

interface Catalogue {
  messages: Messages
  has: (room: string) => boolean
}

/** One file together (nuxt.config.ts), and there before anything goes wrong. */
const everywhere = ['app', 'error', 'monitoring', 'source']

const catalogues: Record<Language, () => Promise<Messages>> = {
  en: () => import('#shared/text/en').then(module => module.en),
  ko: () => import('#shared/text/ko').then(module => module.ko),
}

const files = import.meta.client ? import.meta.glob<Record<string, Messages>>(['../../shared/text/{en,ko}/*.ts', '!**/index.ts']) : {}
