/** Palette numbers by service, asked once a page. */
export async function useServiceColours() {
  const { can } = useAccount()
  const { data } = await useFetch('/api/services', { key: 'service-colours', immediate: can('status:read'), transform: ({ services }) => services.map(({ name, colour }) => [name, colour] as const) })
  return computed(() => new Map(data.value ?? []))
}
