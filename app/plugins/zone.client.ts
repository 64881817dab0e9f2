/** Tells the server once which zone the reader lives in; the next page is written in it. */
export default defineNuxtPlugin(() => {
  const zone = useCookie('bongsu-zone', { maxAge: 365 * 86_400, sameSite: 'strict' })
  zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone
})
