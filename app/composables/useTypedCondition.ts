import type { RouteLocationRaw } from 'vue-router'

/** Without a script the box arrives in the address: what it says becomes a condition, and what nobody understands stays to be corrected. */
export async function useTypedCondition(destination: (typed: string) => RouteLocationRaw | undefined): Promise<Ref<string | undefined>> {
  const { add } = useRoute().query
  const typed = typeof add === 'string' && add ? add : undefined
  const led = typed === undefined ? undefined : destination(typed)
  const notUnderstood = ref(led ? undefined : typed)
  if (led) await navigateTo(led, { replace: true })
  return notUnderstood
}
