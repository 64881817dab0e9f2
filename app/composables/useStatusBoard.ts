/** The board over the range of the page; the server gives everybody the same figures. */
export function useStatusBoard(query: MaybeRefOrGetter<Record<string, string>>) {
  return useFetch('/api/status', { query: computed(() => toValue(query)), key: 'status', deep: false })
}
