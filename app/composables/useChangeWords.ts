import type { Change } from '#shared/schemas/change'

/** A change in one line and what stands below it. */
export function useChangeWords() {
  const text = useText()

  function titleOf({ kind, service, version, endpoint }: Change): string {
    if (kind === 'deployment') return text('monitoring.change.deployment', { service, version })
    if (kind === 'configuration') return text('monitoring.change.configuration', { service })
    return text('monitoring.change.endpoint', { method: endpoint!.method, template: endpoint!.template, what: text(`monitoring.change.what.${endpoint!.what as 'created'}`) })
  }

  function detailOf({ kind, key, oldValue, newValue, source, author, endpoint }: Change): string {
    if (kind === 'configuration') return oldValue === null ? `${key} ${newValue ?? ''}` : `${key} ${oldValue} → ${newValue ?? text('app.none')}`
    if (kind === 'endpoint') return [text('monitoring.change.revision', { number: endpoint!.revision }), author].filter(Boolean).join(' · ')
    return [text(source === 'seen' ? 'monitoring.change.seen' : 'monitoring.change.announced'), author].filter(Boolean).join(' · ')
  }

  return { titleOf, detailOf }
}
