import { formatRatio } from '#shared/text/format'

interface Population { kind: 'all' | 'estimated' | 'kept', rate?: number }

/** Which requests a figure stands for, in words. */
export function usePopulation(population: MaybeRefOrGetter<Population>) {
  const text = useText()
  return computed(() => {
    const { kind, rate } = toValue(population)
    if (kind === 'kept' && rate !== undefined) return text('app.population.keptRate', { rate: formatRatio(rate) })
    return text(`app.population.${kind}`)
  })
}
