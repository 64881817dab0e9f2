/** How often each value of a field occurs among a number of traces. */
export interface Profile {
  traces: number
  values: { field: string, value: string, traces: number }[]
}

export interface Difference {
  field: string
  value: string
  /** Share of the selection that has it. */
  share: number
  /** Share of all others that have it. */
  others: number
}

export interface Comparison {
  /** Most telling first. */
  differences: Difference[]
  /** Fields that were looked at and say nothing. */
  alike: string[]
  /** Too few on one side to say anything. */
  tooFew: boolean
}

/** Fewer than this on either side prove nothing. */
const leastTraces = 5
/** A value must be in this many selected traces. */
const leastSupport = 3
/** And be more common by this much, with certainty: smaller differences are true and useless. */
const leastDifference = 0.1
/** Three standard errors: dozens of values are tried at once, and chance must not win one of them. */
const certainty = 3

/**
 * What sets the selected traces apart from the others: values whose share is larger among the selected, by the lower
 * bound of the difference of two shares (Newcombe's interval, built from Wilson's, sound for small numbers and for
 * shares of 0 and 1).
 *
 *   selected  |############################|  timeout 100 %
 *   others    |#######                     |  timeout  26 %
 */
export function setApart(selected: Profile, all: Profile): Comparison {
  const others = all.traces - selected.traces
  const fields = [...new Set(all.values.map(({ field }) => field))]
  if (selected.traces < leastTraces || others < leastTraces) return { differences: [], alike: [], tooFew: true }

  const everywhere = new Map(all.values.map(({ field, value, traces }) => [`${field}\n${value}`, traces]))
  const differences = selected.values
    .map(({ field, value, traces }) => {
      const elsewhere = Math.min(others, Math.max(0, (everywhere.get(`${field}\n${value}`) ?? traces) - traces))
      return {
        field, value, share: traces / selected.traces, others: elsewhere / others,
        support: traces, atLeast: leastDifferenceOfShares(traces, selected.traces, elsewhere, others),
      }
    })
    .filter(({ support, atLeast }) => support >= leastSupport && atLeast >= leastDifference)
    .sort((a, b) => b.atLeast - a.atLeast || b.share - a.share || a.field.localeCompare(b.field))

  const telling = new Set(differences.map(({ field }) => field))
  return {
    differences: differences.map(({ field, value, share, others }) => ({ field, value, share, others })),
    alike: fields.filter(field => !telling.has(field)),
    tooFew: false,
  }
}

function leastDifferenceOfShares(hits: number, of: number, otherHits: number, otherOf: number): number {
  const share = hits / of
  const other = otherHits / otherOf
  return share - other - Math.hypot(share - wilson(hits, of).low, wilson(otherHits, otherOf).high - other)
}

/** Wilson's score interval of a share. */
function wilson(hits: number, of: number): { low: number, high: number } {
  const z2 = certainty ** 2
  const share = hits / of
  const centre = (share + z2 / (2 * of)) / (1 + z2 / of)
  const half = certainty / (1 + z2 / of) * Math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}
