/** At the end of the body: no page waits for its typeface. */
export function useTypeface() {
  useHead({ link: [{ rel: 'stylesheet', href: '/fonts/fonts.css', tagPosition: 'bodyClose' }] })
}
