import type { ListedEndpoints } from '#shared/schemas/endpoint-list'

/** Endpoints, services and consumers by what is typed, as far as the permissions go; asked when the typing rests. */
export function useRegisterSearch(term: Ref<string>) {
  const { can } = useAccount()
  const endpoints = shallowRef<ListedEndpoints['endpoints']>([])
  const services = shallowRef<{ name: string, display: string }[]>([])
  const consumers = shallowRef<{ id: string, name: string }[]>([])
  let rest: ReturnType<typeof setTimeout> | undefined

  // What is not found is not shown; the pages themselves tell of a source that does not answer.
  const ask = <T>(path: string, query: Record<string, string> = {}) => $fetch<T>(path, { query }).catch(() => undefined)

  onMounted(async () => {
    const [known, callers] = await Promise.all([
      can('status:read') ? ask<{ services: { name: string, display: string }[] }>('/api/services') : undefined,
      can('consumers:read') ? ask<{ consumers: { id: string, name: string }[] }>('/api/consumers', { range: '5m' }) : undefined,
    ])
    services.value = known?.services ?? []
    consumers.value = callers?.consumers ?? []
  })
  watch(term, (q) => {
    clearTimeout(rest)
    rest = setTimeout(async () => {
      const wanted = q.trim()
      const found = wanted && can('endpoints:read') ? await ask<ListedEndpoints>('/api/endpoints', { q: wanted.slice(0, 200), perPage: '8' }) : undefined
      if (term.value === q) endpoints.value = found?.endpoints ?? []
    }, 200)
  })
  onScopeDispose(() => clearTimeout(rest))

  return { endpoints, services, consumers }
}
