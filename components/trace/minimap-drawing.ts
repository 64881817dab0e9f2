import { visitPath } from '#shared/trace/critical-path'
import type { Skeleton } from '#shared/trace/skeleton'
import { ABANDONED, MISSING } from '#shared/trace/span-table'
import { waitedUntil } from '#shared/trace/waits'

/**
 * Every span as a line at its place in the list, the critical path below them, on an axis of `whole` ticks. A pixel is painted once, however many
 * spans fall on it: 100,000 spans cost no more strokes than the canvas has pixels.
 */
export function drawMinimap(canvas: HTMLCanvasElement, trace: Skeleton, whole: number, colours: number[]): void {
  const scale = window.devicePixelRatio || 1
  const width = Math.round(canvas.clientWidth * scale)
  const height = Math.round(canvas.clientHeight * scale)
  const brush = canvas.getContext('2d')
  if (!brush || !width || !height || !trace.count) return
  canvas.width = width
  canvas.height = height
  const styles = getComputedStyle(canvas)
  const fills = colours.map(colour => styles.getPropertyValue(`--service-${colour}`).trim())
  const text = styles.getPropertyValue('--ui-text-highlighted').trim()

  const foot = Math.round(6 * scale)
  const band = height - foot - Math.round(3 * scale)
  const thick = Math.max(1, Math.min(Math.round(3 * scale), Math.floor(band / trace.count * 0.7)))
  const perTick = width / whole
  const painted = new Uint8Array(width * height)
  let current = ''
  for (let span = 0; span < trace.count; span++) {
    if (trace.flags[span]! & MISSING) continue
    const y = Math.round(2 * scale + span / trace.count * (band - thick))
    const x = Math.min(width - 1, Math.floor(trace.start[span]! * perTick))
    const until = trace.flags[span]! & ABANDONED ? waitedUntil(trace, span) : trace.start[span]! + trace.duration[span]!
    const long = Math.max(1, Math.min(width - x, Math.round((until - trace.start[span]!) * perTick)))
    if (long <= 2 && painted[y * width + x]) continue
    painted.fill(1, y * width + x, y * width + x + long)
    const fill = fills[trace.service[span]!] ?? text
    if (fill !== current) brush.fillStyle = current = fill
    brush.globalAlpha = 0.85
    brush.fillRect(x, y, long, thick)
    const rest = Math.round((trace.start[span]! + trace.duration[span]! - until) * perTick)
    if (rest > 0) {
      brush.globalAlpha = 0.35
      brush.fillRect(x + long, y, rest, thick)
    }
  }

  brush.globalAlpha = 1
  const marked = new Uint8Array(width)
  visitPath(trace, (span, from, to) => {
    const x = Math.min(width - 1, Math.floor(from * perTick))
    const long = Math.max(1, Math.min(width - x, Math.round((to - from) * perTick)))
    if (long === 1 && marked[x]) return
    marked.fill(1, x, x + long)
    brush.fillStyle = fills[trace.service[span]!] ?? text
    brush.fillRect(x, height - foot, long, Math.round(3 * scale))
  })
}
