import type { TraceAnswer } from '#shared/schemas/trace'
import { FIRST_ROWS } from '#shared/trace/opening-view'
import { REPEAT_ROW, SPAN_ROW, type WaterfallRows } from '#shared/trace/waterfall-rows'

const ROW = 27
const PHONE = { named: 60, plain: 44, other: 30 }
/** What stands above the list on a phone and stays there. */
const HEADS = 112
const SHEET = 0.44
/** Rows made beyond each edge, for the next move of a finger; in a flight they are gone before they are seen. */
const SPARE = 8
const SPARE_IN_FLIGHT = 1
const MOST = 64
/** Frames that follow each other within this time are one flight, ms; it ends when none came for as long again. */
const FLIGHT = 120

interface Page {
  count: Ref<number>
  rows: Ref<WaterfallRows | undefined>
  wanted: Ref<{ row: number } | undefined>
  skeleton: Ref<{ parent: Int32Array, service: ArrayLike<number> } | undefined>
  trace: Readonly<Ref<TraceAnswer>>
}

/**
 * Which rows of the list can be seen, whether the list scrolls itself or, on a phone, the page does. Rows of one
 * height are counted; on a phone rows that name a service are taller, and their tops are summed up once per change.
 */
export function useVisibleRows({ list, scroller, page }: { list: Ref<HTMLElement | null>, scroller: Ref<HTMLElement | null>, page: Page }) {
  const { count, rows, skeleton, wanted } = page
  const live = ref(false)
  const phone = ref(false)
  /** Pixels that the list's scroll bar takes from its rows, for what has to stand exactly above them. */
  const scrollbar = ref(0)
  const visible = ref<[number, number]>([0, Math.min(count.value, FIRST_ROWS)])
  /** Elements that the rows take turns in: as many as were ever seen at once, so that scrolling makes and drops none. */
  const slots = ref(FIRST_ROWS)
  /** Frame after frame no row stays in sight: too fast to read, and too much to draw in full. */
  const flying = ref(false)
  let leapt = -Infinity
  let landing: ReturnType<typeof setTimeout> | undefined

  const sums = computed(() => {
    if (!phone.value || !rows.value || !skeleton.value) return undefined
    const tops = new Float64Array(rows.value.count + 1)
    const { parent, service } = skeleton.value
    for (let row = 0; row < rows.value.count; row++) {
      const kind = rows.value.kind[row]
      const span = Math.max(0, rows.value.span[row]!)
      const above = parent[span]!
      const named = above < 0 || service[above] !== service[span]
      tops[row + 1] = tops[row]! + (kind === SPAN_ROW || kind === REPEAT_ROW ? named ? PHONE.named : PHONE.plain : PHONE.other)
    }
    return tops
  })
  const tops = (row: number) => sums.value ? sums.value[row] ?? 0 : row * ROW
  const height = computed(() => tops(count.value))

  function rowAtPixel(y: number): number {
    const all = sums.value
    if (!all) return Math.floor(y / ROW)
    let low = 0
    let high = all.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (all[middle]! <= y) low = middle
      else high = middle - 1
    }
    return low
  }

  /** The part of the list that can be seen, in its own pixels. */
  function windowOf(): [number, number] {
    const top = list.value!.getBoundingClientRect().top
    const box = scroller.value!.getBoundingClientRect()
    const first = Math.max(box.top, phone.value ? HEADS : 0)
    const last = Math.min(box.bottom, window.innerHeight)
    return [first - top, last - top]
  }

  function measure() {
    if (!list.value || !scroller.value || !rows.value) return
    live.value = true
    scrollbar.value = scroller.value.offsetWidth - scroller.value.clientWidth
    const [from, to] = windowOf()
    const top = rowAtPixel(from)
    const bottom = rowAtPixel(Math.max(0, to)) + 1
    const [before, after] = visible.value
    if (top - SPARE >= after || bottom + SPARE <= before) leap()
    if (flying.value) visible.value = [Math.max(0, top - SPARE_IN_FLIGHT), Math.min(count.value, bottom + SPARE_IN_FLIGHT)]
    else {
      slots.value = Math.min(MOST, Math.max(slots.value, Math.min(count.value, bottom + SPARE) - Math.max(0, top - SPARE)))
      const first = Math.max(0, Math.min(top - SPARE, count.value - slots.value))
      const last = Math.min(count.value, first + slots.value)
      if (first !== before || last !== after) visible.value = [first, last]
    }
  }

  /** The second leap in a row begins a flight: one alone is somebody going somewhere. */
  function leap() {
    const now = performance.now()
    flying.value = !phone.value && now - leapt < FLIGHT
    leapt = now
    clearTimeout(landing)
    landing = setTimeout(() => {
      flying.value = false
      measure()
    }, FLIGHT)
  }

  /** On a phone the panel is a sheet over the list: it takes this much of the screen once its content is there. */
  function covered(edge: number): number {
    const sheet = window.innerHeight * (1 - SHEET)
    return Math.max(0, edge - (sheet - list.value!.getBoundingClientRect().top))
  }

  function bring(row: number) {
    if (!scroller.value || !list.value) return
    const [from, bottomEdge] = windowOf()
    const to = bottomEdge - (phone.value ? covered(bottomEdge) : 0)
    const top = tops(row)
    const bottom = tops(row + 1)
    const room = Math.min(ROW * 2, (to - from) / 4)
    const by = top < from + room ? top - from - room : bottom > to - room ? bottom - to + room : 0
    if (!by) return
    if (phone.value) window.scrollBy(0, by)
    else scroller.value.scrollTop += by
  }

  let frame = 0
  const later = () => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(measure)
  }
  onMounted(() => {
    const narrow = matchMedia('(width < 48rem)')
    const turn = () => {
      phone.value = narrow.matches
      later()
    }
    turn()
    narrow.addEventListener('change', turn)
    // In the capturing phase one listener hears the list's own scrolling and the page's.
    addEventListener('scroll', later, { capture: true, passive: true })
    addEventListener('resize', later, { passive: true })
    onBeforeUnmount(() => {
      cancelAnimationFrame(frame)
      clearTimeout(landing)
      narrow.removeEventListener('change', turn)
      removeEventListener('scroll', later, { capture: true })
      removeEventListener('resize', later)
    })
  })
  watch([rows, count, sums], measure, { flush: 'post' })
  watch(wanted, async (now) => {
    if (!now) return
    // The list has to have its full height before it can be scrolled there.
    measure()
    await nextTick()
    bring(now.row)
    measure()
  }, { flush: 'post' })

  return { visible, slots, live, flying, height, tops, scrollbar }
}
