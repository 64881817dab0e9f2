import type { TraceAnswer, TraceRow } from '#shared/schemas/trace'
import { formatDuration, formatRatio, formatTimes } from '#shared/text/format'
import type { Text } from '#shared/text/text'
import { barOf, guidePaths, indentOf, labelPlace, stripes } from './row-geometry'

export const ROW_HEIGHT = 27

export interface RowContext {
  trace: TraceAnswer
  text: Text
  zoom: readonly [number, number]
  /** Whether the critical path is drawn. */
  path: boolean
  /** By service, kind and operation. */
  usual: ReadonlyMap<string, TraceAnswer['usual'][number]>
}

/** A short word or figure at the end of a row's name. */
interface Fact { text: string, class: string, title?: string, lines?: true }

const ERROR = 'text-error font-semibold'

/** All that a row shows, as strings: worked out at once, because rows are made while a finger scrolls. */
export function faceOf(row: TraceRow, { trace, text, zoom, path, usual }: RowContext) {
  const { tick } = trace
  const service = trace.services[row.service]
  const isSpan = row.type === 'span' || row.type === 'repeat'
  const note = row.type === 'note' ? trace.logs?.errors[row.note!] : undefined
  const wrong = row.state === 'origin' || row.state === 'own'
  const length = formatDuration((row.together ?? row.to - row.from) * tick)
  const name = nameOf()
  const ratio = ratioOf()

  function nameOf(): string {
    if (row.type === 'gap') return text('trace.row.gap', { service: service?.name })
    if (row.type === 'hidden') return text('trace.row.hidden', { count: row.count ?? 0 })
    if (row.hole === 'missing') return text('trace.row.missing', { id: row.key.slice(0, 8) })
    return row.name || text('trace.row.unnamed')
  }

  function ratioOf() {
    if (row.type !== 'span') return undefined
    const known = usual.get(`${row.service}/${row.kind}/${row.name}`)
    const times = known && known.p50 > 0 ? (row.to - row.from) * tick / known.p50 : 0
    return times >= 3 ? { text: formatTimes(times, text.language), title: text('trace.row.usual', { times: { times }, usual: { micros: known!.p50 }, count: known!.calls }) } : undefined
  }

  function facts(): Fact[] {
    const facts: Fact[] = []
    const logs = row.type === 'span' ? trace.logs?.bySpan[row.key.slice(0, 16)] : undefined
    if (row.count && row.type === 'span') facts.push({ text: text('trace.row.inside', { count: row.count }), class: 'trace-aside' })
    if (row.state === 'origin') facts.push({ text: text('trace.row.origin'), class: ERROR })
    if (logs) facts.push({ text: `${logs}`, class: 'trace-logs figure', title: text('trace.row.logs', { count: logs }), lines: true })
    if (row.status && (row.status >= 400 || row.named)) facts.push({ text: `${row.status}`, class: `trace-status ${row.status >= 500 ? ERROR : row.status >= 400 ? 'text-warning' : ''}` })
    if (row.pill) facts.push({ text: row.pill, class: 'trace-aside' })
    if (row.async) facts.push({ text: text('trace.row.async'), class: 'trace-aside' })
    if (row.hole && row.hole !== 'missing') facts.push({ text: text(`trace.row.${row.hole}`), class: 'trace-aside' })
    return facts
  }

  function spoken(): string {
    if (row.type === 'note') return `${note?.level} ${note?.body}`
    if (!isSpan) return `${name}, ${length}`
    const head = row.type === 'repeat'
      ? text('trace.row.spokenRepeat', { count: row.count, name, service: service?.name, duration: length })
      : text('trace.row.spoken', { service: service?.name, name, duration: length, share: formatRatio(row.share) })
    return [head, row.status, row.state && text(`trace.row.${row.state}`), row.error, row.path.length && text('trace.row.onPath'), row.async && text('trace.row.async'), row.waited !== undefined && text('trace.row.nobody', { at: `+${formatDuration(row.waited * tick)}` }), ratio?.title].filter(Boolean).join(', ')
  }

  function bar() {
    const until = row.waited ?? row.to
    const placed = row.type === 'hidden' || row.type === 'note' ? undefined : barOf(row.from, Math.min(row.to, until), zoom)
    if (!placed) return undefined
    const from = Math.max(zoom[0], row.from)
    const to = Math.min(zoom[1], until)
    const place = { left: `${placed.left}%`, width: `${placed.width}%` }
    return {
      class: [wrong && 'trace-bar-error', row.hole === 'missing' && 'trace-bar-missing', row.type === 'repeat' && (row.count ?? 0) > 64 && 'trace-bar-many'],
      style: { ...place, background: row.type === 'gap' || row.hole === 'missing' ? undefined : stripes(row.own, from, to, 'var(--stripe)', 'var(--wash)', row.type === 'repeat' && !row.expanded ? 2 : 1.5) },
      path: path && row.path.length ? { ...place, background: stripes(row.path, from, to, 'var(--ui-text-highlighted)', 'transparent', 2) } : undefined,
    }
  }

  function hatch() {
    const placed = row.waited === undefined || row.type !== 'span' ? undefined : barOf(row.waited, row.to, zoom)
    return placed && { left: `${placed.left}%`, width: `${placed.width}%` }
  }

  function label() {
    if (row.type === 'note') return undefined
    if (row.type === 'hidden') return { class: 'trace-label-start', text: text('trace.row.together', { duration: formatDuration((row.ticks ?? 0) * tick) }), style: {} }
    const placed = barOf(row.from, row.to, zoom)
    if (!placed) return row.to < zoom[0] ? { class: 'trace-label-start', text: `‹ ${length}`, style: {} } : { class: 'trace-label-end', text: `${length} ›`, style: {} }
    const words = `${placed.before ? '‹ ' : ''}${length}${placed.after ? ' ›' : ''}`
    const end = `${placed.left + placed.width}%`
    switch (labelPlace(placed)) {
      case 'before': return { class: '', text: words, style: { right: `calc(${100 - placed.left}% + 6px)` } }
      case 'after': return { class: '', text: words, style: { left: `calc(${end} + 6px)` } }
      case 'inside': return { class: 'trace-label-inside', text: words, style: { right: `calc(100% - ${end} + 6px)` } }
    }
  }

  function mark() {
    const at = note && (note.offset / tick - zoom[0]) / (zoom[1] - zoom[0]) * 100
    return at !== undefined && at >= 0 && at <= 100 ? { left: `${at}%` } : undefined
  }

  return {
    isSpan, note, wrong, length, name, ratio, service: service?.name,
    colour: row.hole === 'missing' ? 'var(--ui-border-accented)' : `var(--service-${service?.colour ?? 1})`,
    indent: indentOf(row.indent), guides: guidePaths(row, ROW_HEIGHT),
    title: isSpan ? `${service?.name} · ${name} · ${length}` : undefined,
    facts: isSpan ? facts() : [], spoken: spoken(), bar: bar(), hatch: hatch(), label: label(), mark: mark(),
  }
}
