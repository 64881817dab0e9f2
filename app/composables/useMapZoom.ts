import type { ServiceMap } from '#shared/schemas/service-map'

const steps = [0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5]

/** How large the map is drawn; as it is until somebody wants it otherwise. */
export function useMapZoom(map: () => Pick<ServiceMap, 'width' | 'height'>) {
  const frame = useTemplateRef<HTMLElement>('frame')
  const scale = ref(1)
  const ready = ref(false)
  onMounted(() => (ready.value = true))

  function zoom(direction: 1 | -1) {
    const next = direction > 0 ? steps.find(step => step > scale.value + 0.001) : steps.findLast(step => step < scale.value - 0.001)
    scale.value = next ?? scale.value
  }

  function fit() {
    if (!frame.value) return
    const room = { width: frame.value.clientWidth - 48, height: frame.value.clientHeight - 56 }
    scale.value = Math.max(0.2, Math.min(1, room.width / map().width, room.height / map().height))
    frame.value.scrollTo({ left: 0, top: 0 })
  }

  return { frame, scale, zoom, fit, ready }
}
