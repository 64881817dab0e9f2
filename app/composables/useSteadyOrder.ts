/**
 * A list that does not move under the reader's pointer or keyboard: figures change in place, the order waits until they
 * leave. `hold` is bound to the element around it.
 */
export function useSteadyOrder<T>(items: MaybeRefOrGetter<readonly T[]>, keyOf: (item: T) => string) {
  const over = ref(false)
  const within = ref(false)
  const held = computed(() => over.value || within.value)
  const order = shallowRef<string[]>([])

  watch([() => toValue(items), held], ([list]) => {
    if (!held.value || !order.value.length) order.value = list.map(keyOf)
  }, { immediate: true })

  const list = computed(() => {
    if (import.meta.server) return toValue(items)
    const places = new Map(order.value.map((key, i) => [key, i]))
    const placeOf = (item: T) => places.get(keyOf(item)) ?? order.value.length
    return toValue(items).toSorted((a, b) => placeOf(a) - placeOf(b))
  })

  return {
    list,
    hold: {
      onPointerenter: (event: PointerEvent) => void (over.value = event.pointerType === 'mouse'),
      onPointerleave: () => void (over.value = false),
      onFocusin: () => void (within.value = true),
      onFocusout: () => void (within.value = false),
    },
  }
}
