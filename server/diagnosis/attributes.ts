import type { Parameters } from './parameters'
import type { Traces } from '#shared/trace/trace-columns'

/** Spans that are compared: for each, the pairs that hold for it, and whether it is bad. */
export interface Population {
  pairs: number[][]
  bad: boolean[]
  /** Share of spans that count as bad even when all is well. */
  usual: number
}

export interface Concentration {
  attribute: number
  value: number
  and?: { attribute: number, value: number }
  /** Of the bad ones, how many have it; of those that have it, how many are bad. Both without what is usual. */
  coverage: number
  precision: number
  g: number
}

/** What was looked at in vain: the fault is spread evenly over this many values of the attribute. */
export interface Evenness {
  attribute: number
  values: number
}

const FEWEST_BAD = 5
const MOST_VALUES = 200
const DRAWN = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
/** Where two values say the same, the one that explains more comes first; an id that was drawn explains nothing. */
const order = [/^feature_flag|flag/, /version|image\.tag/, /instance\.id/, /pod/, /node|host/, /zone/, /client|consumer|tenant|partner|user/, /route/]

/**
 * S7. Which value do the bad ones share that the good ones have not? 2 x 2 G-tests over every value of every
 * attribute, with the false discoveries held at 1 %; then coverage and precision decide. What is bad by habit (with
 * the 95th percentile as the line, one in twenty) is taken off both first.
 */
export function contrastAttributes({ pairs, bad, usual }: Population, { pairKey, pairValue, texts }: Traces, parameters: Parameters): { found?: Concentration, even: Evenness[] } {
  const n = bad.length
  const badTotal = bad.filter(Boolean).length
  if (badTotal < FEWEST_BAD || badTotal === n && n < 2) return { even: [] }
  const counts = new Map<number, { all: number, bad: number }>()
  for (let i = 0; i < n; i++) for (const pair of new Set(pairs[i])) count(counts, pair, bad[i]!)
  const valuesOf = new Map<number, { values: number, good: number }>()
  for (const [pair, { all, bad: b }] of counts) {
    const of = valuesOf.get(pairKey[pair]!) ?? { values: 0, good: 0 }
    of.values++
    of.good += all - b
    valuesOf.set(pairKey[pair]!, of)
  }

  const excess = badTotal - usual * n
  if (excess < FEWEST_BAD) return { even: [] }
  const judged = [...counts].flatMap(([pair, { all, bad: b }]) => {
    const of = valuesOf.get(pairKey[pair]!)!
    // All have it, or only failures say it at all: then it is another word for the failure.
    if (all === n || of.values > MOST_VALUES || (of.good === 0 && badTotal < n)) return []
    return [{ pair, g: gTest(b, all, badTotal, n), coverage: (b - usual * all) / excess, precision: (b / all - usual) / (1 - usual), all, bad: b }]
  })
  const even = [...valuesOf].filter(([, { values }]) => values > 1 && values <= MOST_VALUES).map(([attribute, { values }]) => ({ attribute, values }))
  const significant = discoveries(judged, parameters.falseDiscovery).filter(({ bad: b, all }) => b / all > badTotal / n)
  const score = ({ coverage, precision }: { coverage: number, precision: number }) => Math.min(1, coverage) * Math.min(1, precision)
  const holds = ({ coverage, precision }: { coverage: number, precision: number }) => coverage >= parameters.coverage && precision >= parameters.precision
  significant.sort((a, b) => score(b) - score(a) || b.g - a.g || a.pair - b.pair)

  const best = significant.find(holds)
  if (best) return { found: concentrationOf(preferred(significant.filter(other => holds(other) && score(other) >= 0.93 * score(best)))), even }
  const both = conjunction(significant.filter(({ coverage }) => coverage >= parameters.coverage).slice(0, 6))
  return { ...(both && { found: both }), even: even.filter(({ attribute }) => !significant.some(({ pair }) => pairKey[pair] === attribute)) }

  function preferred(alike: typeof judged) {
    return alike.sort((a, b) => rank(a.pair) - rank(b.pair) || b.g - a.g || a.pair - b.pair)[0]!
  }

  function rank(pair: number) {
    if (DRAWN.test(texts[pairValue[pair]!]!)) return order.length
    const at = order.findIndex(pattern => pattern.test(texts[pairKey[pair]!]!))
    return at < 0 ? order.length : at
  }

  function concentrationOf({ pair, coverage, precision, g }: { pair: number, coverage: number, precision: number, g: number }): Concentration {
    return { attribute: pairKey[pair]!, value: pairValue[pair]!, coverage, precision, g }
  }

  /** Two values that each cover the bad ones and only together pick them out. */
  function conjunction(wide: typeof judged): Concentration | undefined {
    let found: Concentration | undefined
    for (const [at, a] of wide.entries()) {
      for (const b of wide.slice(at + 1)) {
        if (pairKey[a.pair] === pairKey[b.pair]) continue
        let all = 0
        let both = 0
        for (let i = 0; i < n; i++) {
          if (!pairs[i]!.includes(a.pair) || !pairs[i]!.includes(b.pair)) continue
          all++
          if (bad[i]) both++
        }
        const judgement = { coverage: (both - usual * all) / excess, precision: (both / Math.max(1, all) - usual) / (1 - usual), g: gTest(both, all, badTotal, n) }
        if (holds(judgement) && judgement.precision > Math.max(a.precision, b.precision) + 0.1 && (!found || score(judgement) > score(found))) {
          const [first, second] = rank(a.pair) <= rank(b.pair) ? [a, b] : [b, a]
          found = { ...concentrationOf({ pair: first.pair, ...judgement }), and: { attribute: pairKey[second.pair]!, value: pairValue[second.pair]! } }
        }
      }
    }
    return found
  }
}

function count(counts: Map<number, { all: number, bad: number }>, pair: number, isBad: boolean): void {
  const entry = counts.get(pair) ?? { all: 0, bad: 0 }
  entry.all++
  if (isBad) entry.bad++
  counts.set(pair, entry)
}

/** 2 sum O ln(O / E) over the four cells. */
function gTest(badWith: number, allWith: number, bad: number, all: number): number {
  const cells = [[badWith, allWith * bad / all], [allWith - badWith, allWith * (all - bad) / all], [bad - badWith, (all - allWith) * bad / all], [all - allWith - bad + badWith, (all - allWith) * (all - bad) / all]]
  return 2 * cells.reduce((sum, [seen, expected]) => sum + (seen! > 0 && expected! > 0 ? seen! * Math.log(seen! / expected!) : 0), 0)
}

/** Benjamini and Hochberg: the largest set of which at most this share is false. */
function discoveries<T extends { g: number }>(tests: T[], rate: number): T[] {
  const sorted = [...tests].sort((a, b) => b.g - a.g)
  let last = -1
  for (const [i, { g }] of sorted.entries()) if (chiSquareTail(g) <= rate * (i + 1) / sorted.length) last = i
  return sorted.slice(0, last + 1)
}

/** P(X > g) for one degree of freedom: erfc(sqrt(g / 2)), by Abramowitz and Stegun 7.1.26. */
function chiSquareTail(g: number): number {
  const x = Math.sqrt(Math.max(0, g) / 2)
  const t = 1 / (1 + 0.3275911 * x)
  return t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x)
}
