import { createText, type Reader } from '#shared/text/text'
import { languageOf, languages, type Language } from '#shared/text/languages'
import { isZone } from '#shared/text/time-zone'

/** Language and zone of the reader: account, else cookie, else what the browser asks for, else the installation's. */
export default defineNuxtPlugin({
  name: 'text',
  dependsOn: ['session'],
  async setup() {
    const { user, session, environment } = useAccount()
    // Asked on the server; the browser has the answer in the page, and need not wait for its cookies.
    const reader = useState<Reader>('reader', () => {
      const language = useCookie('bongsu-language').value
      const zone = useCookie('bongsu-zone').value
      return {
        language: user.value?.language ?? session.value.display?.language ?? (isLanguage(language) ? language : languageOf(useRequestHeader('accept-language') ?? undefined)),
        zone: user.value?.zone ?? (zone && isZone(zone) ? zone : environment.value.zone),
      }
    })
    const { messages, has } = await useCatalogue(reader.value.language)
    return { provide: { text: createText(messages, reader.value, { has }) } }
  },
})

function isLanguage(value: string | null | undefined): value is Language {
  return (languages as readonly string[]).includes(value ?? '')
}
