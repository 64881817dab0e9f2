import type { ServiceMap } from '#shared/schemas/service-map'

const steps = [0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5]
/** Smaller than this nobody reads what is written: then the frame scrolls. */
const readable = 0.7
const margins = { width: 48, height: 56 }

/** How large the map is drawn: so that its columns fit, as long as nobody wants it otherwise. */
export function useMapZoom(map: () => Pick<ServiceMap, 'width' | 'height' | 'dense' | 'nodes'>) {
  const frame = useTemplateRef<HTMLElement>('frame')
  const scale = ref(1)
  const ready = ref(false)
  let chosen = false

  function fitColumns() {
    if (chosen || map().dense || !frame.value?.clientWidth) return
    scale.value = Math.max(readable, Math.min(1, (frame.value.clientWidth - margins.width) / map().width))
  }

  /** Of a map that is larger than the frame, what everything comes from is in the middle of its side. */
  function showEntry() {
    const first = map().nodes.reduce<ServiceMap['nodes'][number] | undefined>((left, node) => (left && left.x <= node.x ? left : node), undefined)
    if (map().dense && first) frame.value!.scrollTop = first.y + first.height / 2 - frame.value!.clientHeight / 2
  }

  onMounted(() => {
    ready.value = true
    fitColumns()
    showEntry()
    const observer = new ResizeObserver(fitColumns)
    observer.observe(frame.value!)
    watch(() => map().width, fitColumns)
    onBeforeUnmount(() => observer.disconnect())
  })

  function zoom(direction: 1 | -1) {
    const next = direction > 0 ? steps.find(step => step > scale.value + 0.001) : steps.findLast(step => step < scale.value - 0.001)
    scale.value = next ?? scale.value
    chosen = true
  }

  function fit() {
    if (!frame.value) return
    const room = { width: frame.value.clientWidth - margins.width, height: frame.value.clientHeight - margins.height }
    scale.value = Math.max(0.2, Math.min(1, room.width / map().width, room.height / map().height))
    frame.value.scrollTo({ left: 0, top: 0 })
    chosen = true
  }

  return { frame, scale, zoom, fit, ready }
}
