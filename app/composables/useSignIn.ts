/** Signs in and out. Language and zone may differ from account to account, so both load the page anew. */
export function useSignIn() {
  const { session, home } = useAccount()

  async function signIn(credentials: { email: string, password: string }, next = '') {
    await $fetch('/api/session', { method: 'POST', body: credentials })
    session.value = await fetchSession()
    await navigateTo(isLocalPath(next) ? next : home(), { external: true })
  }

  async function signOut() {
    await $fetch('/api/session', { method: 'DELETE' })
    await navigateTo('/login', { external: true })
  }

  return { signIn, signOut }
}

/** Only a path of this app: `//elsewhere` and `/\elsewhere` are other hosts to a browser. */
function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path)
}
