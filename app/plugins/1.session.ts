/** The session comes first: language, navigation and page permissions rest on it. */
export default defineNuxtPlugin({
  name: 'session',
  async setup() {
    const session = useState<Awaited<ReturnType<typeof fetchSession>> | undefined>('session')
    session.value ??= await fetchSession()
  },
})
