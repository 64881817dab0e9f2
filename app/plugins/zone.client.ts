import type { Reader } from '#shared/text/text'

/**
 * Tells the server once which zone the reader lives in. The first page was written before it knew: as soon as the
 * browser has taken it over, every time on it is written again.
 */
export default defineNuxtPlugin({
  name: 'zone',
  dependsOn: ['text'],
  setup(nuxtApp) {
    const zone = useCookie('bongsu-zone', { maxAge: 365 * 86_400, sameSite: 'strict' })
    if (zone.value) return
    const own = zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone
    const reader = useState<Reader>('reader')
    if (!useAccount().user.value?.zone) nuxtApp.hooks.hookOnce('app:suspense:resolve', () => void (reader.value.zone = own))
  },
})
