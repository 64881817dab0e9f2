/**
 * The token of a one-time link. It stands behind `#`, which browsers keep to themselves, so it is known only once the
 * page runs: null until then, empty without one. It leaves the address bar at once.
 */
export function useLinkToken(): Ref<string | null> {
  const token = ref<string | null>(null)
  onMounted(() => {
    token.value = window.location.hash.slice(1)
    if (token.value) window.history.replaceState(window.history.state, '', window.location.pathname)
  })
  return token
}
