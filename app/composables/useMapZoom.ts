import type { ServiceMap } from '#shared/schemas/service-map'

const steps = [0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5]
/** Smaller than this nobody reads what is written: then the frame scrolls. */
const readable = 0.7
const margins = { width: 48, height: 56 }

/**
 * How large the map is drawn: so that its columns fit, as long as nobody wants it otherwise. `centre` is the name of the
 * service that it is about, if it is about one.
 */
export function useMapZoom(map: () => Pick<ServiceMap, 'width' | 'height' | 'nodes' | 'dense'>, centre: () => string | undefined) {
  const frame = useTemplateRef<HTMLElement>('frame')
  const scale = ref(1)
  const ready = ref(false)
  let chosen = false

  function fitColumns() {
    if (chosen || map().dense || !frame.value?.clientWidth) return
    scale.value = Math.max(readable, Math.min(1, (frame.value.clientWidth - margins.width) / map().width))
  }

  /** The service that it is about stands in the middle; of a map too large for the frame, where everything comes from. */
  function showMiddle() {
    const { nodes, dense } = map()
    const about = nodes.find(({ name }) => name !== '' && name.toLowerCase() === centre()?.toLowerCase())
    const middle = about ?? (dense ? nodes.toSorted((a, b) => a.x - b.x)[0] : undefined)
    if (middle && frame.value) frame.value.scrollTop = (middle.y + middle.height / 2) * scale.value - frame.value.clientHeight / 2
  }

  onMounted(() => {
    ready.value = true
    fitColumns()
    nextTick(showMiddle)
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
