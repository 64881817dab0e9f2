/**
 * Whether the page is as narrow as a phone's, for what is too much to be sent both ways and left to a style sheet. The
 * server goes by what the browser says it is; the browser knows, and that it is turned or sized, too.
 */
export function useHandheld(): Readonly<Ref<boolean>> {
  const handheld = useState('handheld', () => import.meta.server && /\bMobi/.test(useRequestHeaders(['user-agent'])['user-agent'] ?? ''))
  onMounted(() => {
    const narrow = matchMedia('(width < 40rem)')
    const look = () => (handheld.value = narrow.matches)
    look()
    narrow.addEventListener('change', look)
    onBeforeUnmount(() => narrow.removeEventListener('change', look))
  })
  return handheld
}
