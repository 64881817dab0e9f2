import type { MapEdge, MapFigures } from '#shared/schemas/service-map'
import { formatDuration, formatRate, formatRatio } from '#shared/text/format'
import type { useText } from '~/composables/useText'

type Text = ReturnType<typeof useText>

export function rateOf(text: Text, figures: MapFigures | null, seconds: number): string {
  return figures ? text('map.perSecond', { rate: formatRate(figures.requests / seconds) }) : text('map.unknown')
}

/** What became of the calls: their share of failures and p95, or that nobody knows. */
export function outcomeOf(text: Text, { kind, state, figures }: Pick<MapEdge, 'kind' | 'state' | 'figures'>): string {
  if (!figures) return ''
  if (kind === 'message' && state === 'unknown') return text('map.outcome')
  return figures.requests ? shares(figures).join(' ') : ''
}

export function shares({ requests, failed, p95 }: MapFigures): string[] {
  return [formatRatio(requests ? failed / requests : 0), ...(p95 === null ? [] : [formatDuration(p95)])]
}

/** A box's figures on one line. */
export function ownFigures(figures: MapFigures, seconds: number): string {
  return [formatRate(figures.requests / seconds), ...(figures.requests ? shares(figures) : [])].join(' · ')
}

export function wordsOf(text: Text, edge: Pick<MapEdge, 'kind' | 'state' | 'figures'>, ends: { caller: string, callee: string }, seconds: number): string {
  return text('map.label', { ...ends, figures: [rateOf(text, edge.figures, seconds), outcomeOf(text, edge)].filter(Boolean).join(', '), state: text(`app.state.${edge.state}`) })
}
