/** A part of a chart in fractions of its size; `y` from the foot. */
export interface Box { x0: number, x1: number, y0: number, y1: number }

/** Fingers and pointers tremble: less than this is a click. */
const slop = 4
const keyStep = 0.02

/**
 * Selects a part of a chart, with a pointer or with the keyboard: arrows move it, Shift+arrows size it, Enter takes it,
 * Escape leaves it. Without `tall` the whole height is always taken.
 */
export function useBrush({ tall = false, taken, tapped, cleared }: {
  tall?: boolean
  taken: (box: Box) => void
  /** A click that drew nothing. */
  tapped?: (at: { x: number, y: number }) => void
  /** Escape with nothing drawn. */
  cleared?: () => void
}) {
  const draft = ref<Box>()
  let start: { x: number, y: number, left: number, top: number } | undefined

  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  function place(event: PointerEvent) {
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return { x: clamp((event.clientX - left) / width), y: clamp(1 - (event.clientY - top) / height) }
  }

  function boxBetween(a: { x: number, y: number }, b: { x: number, y: number }): Box {
    return {
      x0: Math.min(a.x, b.x), x1: Math.max(a.x, b.x),
      y0: tall ? Math.min(a.y, b.y) : 0, y1: tall ? Math.max(a.y, b.y) : 1,
    }
  }

  function take() {
    if (!draft.value) return
    const box = draft.value
    draft.value = undefined
    taken(box)
  }

  const handlers = {
    pointerdown(event: PointerEvent) {
      if (event.button !== 0) return
      start = { ...place(event), left: event.clientX, top: event.clientY }
    },
    pointermove(event: PointerEvent) {
      if (!start) return
      if (!draft.value && Math.hypot(event.clientX - start.left, event.clientY - start.top) < slop) return
      if (!draft.value) (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
      draft.value = boxBetween(start, place(event))
    },
    pointerup(event: PointerEvent) {
      const drawn = start !== undefined && draft.value !== undefined
      if (drawn) take()
      else if (start) tapped?.(place(event))
      start = undefined
    },
    pointercancel() {
      start = undefined
      draft.value = undefined
    },
    keydown(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey) return
      const [x, y] = ({ ArrowLeft: [-keyStep, 0], ArrowRight: [keyStep, 0], ArrowDown: [0, -keyStep], ArrowUp: [0, keyStep] } as Record<string, [number, number]>)[event.key] ?? [0, 0]
      if (x || y) {
        draft.value = draft.value ? moved(draft.value, x, tall ? y : 0, event.shiftKey) : { x0: 0.4, x1: 0.6, y0: tall ? 0.5 : 0, y1: 1 }
      }
      else if (event.key === 'Enter' && draft.value) take()
      else if (event.key === 'Escape' && draft.value) draft.value = undefined
      else if (event.key === 'Escape') cleared?.()
      else return
      event.preventDefault()
    },
    blur() {
      if (!start) draft.value = undefined
    },
  }

  return { draft, handlers }
}

function moved(box: Box, x: number, y: number, sizing: boolean): Box {
  if (sizing) {
    return {
      ...box,
      x1: Math.min(1, Math.max(box.x0 + keyStep, box.x1 + x)),
      y1: Math.min(1, Math.max(Math.min(1, box.y0 + keyStep), box.y1 + y)),
    }
  }
  const dx = Math.min(1 - box.x1, Math.max(-box.x0, x))
  const dy = Math.min(1 - box.y1, Math.max(-box.y0, y))
  return { x0: box.x0 + dx, x1: box.x1 + dx, y0: box.y0 + dy, y1: box.y1 + dy }
}
