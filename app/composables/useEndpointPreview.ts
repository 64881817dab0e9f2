import type { EndpointForm } from '#shared/registry/endpoint-form'

/** What the route in the form matches, asked again when it rests; with it what the form proposes. */
export async function useEndpointPreview(form: Ref<EndpointForm>, except?: string) {
  const asked = ref({ service: form.value.service, method: form.value.method, template: form.value.template })
  let rest: ReturnType<typeof setTimeout> | undefined
  watch(() => [form.value.service, form.value.method, form.value.template] as const, ([service, method, template]) => {
    clearTimeout(rest)
    rest = setTimeout(() => (asked.value = { service, method, template }), 250)
  })
  onScopeDispose(() => clearTimeout(rest))

  const [{ data: preview }, { data: known }] = await Promise.all([
    useFetch('/api/endpoints/preview', { query: computed(() => ({ ...asked.value, ...(except && { except }) })) }),
    useFetch('/api/services', { key: 'services' }),
  ])
  const services = computed(() => known.value?.services.map(service => service.name) ?? [])
  const teams = computed(() => preview.value?.teams ?? [])
  const limit = computed(() => known.value?.services.find(service => service.name === form.value.service.toLowerCase())?.latencyThreshold ?? 2_000)
  return { preview, services, teams, limit }
}
