import type { Messages } from '#shared/text/catalogue'
import { createText, type Reader, type Text } from '#shared/text/text'
import { languageOf, languages, type Language } from '#shared/text/languages'

const catalogues = {
  en: () => import('#shared/text/en').then(module => module.en),
  ko: () => import('#shared/text/ko').then(module => module.ko),
}

const loaded: Partial<Record<Language, Messages>> = {}

/** Language and zone of the reader: account, else cookie, else what the browser asks for, else the installation's. */
export default defineNuxtPlugin({
  name: 'text',
  dependsOn: ['session'],
  async setup() {
    const { user, session, environment } = useAccount()
    const language = useCookie('bongsu-language')
    const zone = useCookie('bongsu-zone')
    const reader = useState<Reader>('reader', () => ({
      language: user.value?.language ?? session.value.display?.language ?? (isLanguage(language.value) ? language.value : languageOf(useRequestHeader('accept-language') ?? undefined)),
      zone: user.value?.zone ?? (zone.value && isZone(zone.value) ? zone.value : environment.value.zone),
    }))
    const messages = loaded[reader.value.language] ??= await catalogues[reader.value.language]()
    const text: Text = createText(messages, reader.value)
    return { provide: { text } }
  },
})

function isLanguage(value: string | null | undefined): value is Language {
  return (languages as readonly string[]).includes(value ?? '')
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  }
  catch {
    return false
  }
}
