import type { SentDiagnosis } from '#shared/schemas/diagnosis'
import type { IncidentPicture } from '#shared/schemas/full-incident'
import type { PlainIncident } from '#shared/schemas/plain-incident'

/** Charts of a document that stands alone: plain SVG in a data address, readable on paper and without the app. */

const width = 720
const ink = '#3b4754'
const bad = '#d92d20'
const calm = '#c5ccd3'
const palette = ['#3f5a7d', '#0f8f6f', '#b07f00', '#5b63d3', '#a04b8f', '#557a2b', '#c2582c', '#2f7f9a']

/** Requests by step, failures below. */
export function requestsChart({ ok, failed }: PlainIncident['requests'], title: string): string {
  const height = 160
  const sums = ok.map((count, i) => (count ?? 0) + (failed[i] ?? 0))
  const most = Math.max(1, ...sums)
  const bar = width / Math.max(1, ok.length)
  const scaled = (count: number) => round(count / most * (height - 20))
  const bars = ok.map((count, i) => {
    const low = scaled(failed[i] ?? 0)
    const high = scaled(count ?? 0)
    const x = round(i * bar)
    const wide = round(Math.max(1, bar - 1))
    return `<rect x="${x}" y="${round(height - low - high)}" width="${wide}" height="${high}" fill="${calm}"/><rect x="${x}" y="${round(height - low)}" width="${wide}" height="${low}" fill="${bad}"/>`
  })
  return svg(height, title, `${bars.join('')}<text x="0" y="12" font-size="12" fill="${ink}">${Math.round(most)}</text>`)
}

/** Where the extra time came from: what grew, as parts of one bar. */
export function decompositionChart({ rows }: SentDiagnosis['decomposition'], title: string): string {
  const grown = rows.filter(({ change }) => change > 0)
  const total = grown.reduce((sum, { change }) => sum + change, 0)
  let x = 0
  const parts = grown.map(({ change }, i) => {
    const wide = round(change / Math.max(1e-9, total) * width)
    const part = `<rect x="${round(x)}" y="0" width="${wide}" height="28" fill="${palette[i % palette.length]}"/>`
    x += wide
    return part
  })
  return svg(28, title, parts.join(''))
}

/** How long the guilty calls took, usually above and now below, on a logarithmic axis. */
export function durationsChart({ usual, now }: Extract<IncidentPicture, { kind: 'durations' }>, title: string): string {
  const height = 180
  const all = [...usual, ...now].filter(({ to }) => to > 0 && Number.isFinite(to))
  if (!all.length) return svg(height, title, '')
  const low = Math.log(Math.max(1, Math.min(...all.map(({ from, to }) => Math.max(from, to / 1.1)))))
  const high = Math.log(Math.max(...all.map(({ to }) => to)) * 1.05)
  const place = (micros: number) => round((Math.log(Math.max(1, micros)) - low) / Math.max(0.1, high - low) * width)
  const half = (classes: typeof usual, base: number, colour: string) => {
    const most = Math.max(1e-9, ...classes.map(({ requests }) => requests))
    return classes.filter(({ to }) => to > 0).map(({ from, to, requests }) => {
      const tall = round(requests / most * 76)
      const x = place(Math.max(from, 1))
      return `<rect x="${x}" y="${base - tall}" width="${Math.max(2, round(place(Number.isFinite(to) ? to : from * 1.1) - x - 0.5))}" height="${tall}" fill="${colour}"/>`
    }).join('')
  }
  return svg(height, title, `${half(usual, 82, calm)}<path d="M0 82H${width}M0 172H${width}" stroke="${ink}" stroke-width="1"/>${half(now, 172, bad)}`)
}

function svg(height: number, title: string, content: string): string {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${escape(title)}</title>${content}</svg>`
  return `data:image/svg+xml;base64,${Buffer.from(text).toString('base64')}`
}

const round = (value: number) => Math.round(value * 10) / 10
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
