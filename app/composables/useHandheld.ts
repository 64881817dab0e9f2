/**
 * Whether the page is as narrow as a phone's, for what is too much to be sent both ways and left to a style sheet. The
 * server goes by what the browser says it is; the browser knows.
 */
export function useHandheld(): Readonly<Ref<boolean>> {
  const handheld = useState('handheld', () => import.meta.server && /\bMobi/.test(useRequestHeaders(['user-agent'])['user-agent'] ?? ''))
  onMounted(() => (handheld.value = matchMedia('(width < 40rem)').matches))
  return handheld
}
