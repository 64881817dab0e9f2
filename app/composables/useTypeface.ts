import hangul from '#faces/hangul.woff2?url'
import latin from '#faces/latin.woff2?url'
import mono from '#faces/mono.woff2?url'

const WHOLE = { rel: 'stylesheet', href: import.meta.env.WHOLE_FACES } as const

/**
 * The faces of our own texts come with the page; those for what others wrote when it is at rest, because a browser lays
 * everything out again for every face it hears of.
 */
export function useTypeface() {
  const { language } = useText()
  const own = language === 'ko' ? [latin, mono, hangul] : [latin, mono]
  const atRest = ref(false)
  onNuxtReady(() => (atRest.value = true))
  useHead({
    link: () => [
      ...own.map(href => ({ rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href }) as const),
      ...atRest.value ? [WHOLE] : [],
    ],
    noscript: [{ innerHTML: `<link rel="stylesheet" href="${WHOLE.href}">` }],
  })
}
