import type { SkeletonSpan } from '../../shared/trace/skeleton-span'
import type { SpanKind } from '../../shared/trace/span'

const epoch = 1_763_875_267_412_000

/** Milliseconds from the trace's start, so that cases can be drawn; ids are short words padded to 16 digits. */
export type Drawn = Partial<Omit<SkeletonSpan, 'start' | 'duration'>> & { id: string, in?: string, from: number, to: number }

export function idOf(word: string): string {
  return [...word].map(letter => letter.charCodeAt(0).toString(16)).join('').padStart(16, '0').slice(-16)
}

export function wordOf(id: string): string {
  return id.slice(0, 16).replace(/^(?:00)+/, '').replace(/../g, hex => String.fromCharCode(Number.parseInt(hex, 16)))
}

export function span({ id, in: parent, from, to, ...rest }: Drawn): SkeletonSpan {
  return {
    spanId: idOf(id), ...(parent !== undefined && { parentId: idOf(parent) }),
    name: id, kind: 'internal', service: 'shop', status: 'unset',
    start: epoch + Math.round(from * 1_000), duration: Math.round((to - from) * 1_000), ...rest,
  }
}

/**
 * A trace as it is drawn, one character a millisecond: indentation is parenthood, the bar is time, what follows it
 * are the facts that matter: kind, service in brackets, `x` for failed, `503` for an answer.
 *
 *   root        |==========|
 *     call        |=====|      client
 *       answer     |===|       server [pay] x
 */
export function draw(timeline: string): SkeletonSpan[] {
  const open: { depth: number, id: string, service: string }[] = []
  return timeline.split('\n').filter(line => line.includes('|')).map((line) => {
    const [, indent, id, facts] = /^(\s*)(\S+)\s+\|=*\|(.*)$/.exec(line) ?? []
    if (!id) throw new Error(`cannot read ${line}`)
    const from = line.indexOf('|')
    const to = line.lastIndexOf('|')
    while (open.length && open.at(-1)!.depth >= indent!.length) open.pop()
    const parent = open.at(-1)
    const words = facts!.trim().split(/\s+/)
    const service = /\[(.+)\]/.exec(facts!)?.[1] ?? parent?.service ?? 'shop'
    open.push({ depth: indent!.length, id, service })
    const kind = words.find((word): word is SpanKind => ['server', 'client', 'producer', 'consumer'].includes(word))
    const status = words.find(word => /^\d{3}$/.test(word))
    return span({
      id, ...(parent && { in: parent.id }), from, to, service, ...(kind && { kind }),
      ...(words.includes('x') && { status: 'error' as const }), ...(status && { httpStatus: Number(status) }),
    })
  })
}

/** Same spans, other order, always the same other order. */
export function shuffle<T>(list: readonly T[], seed = 1): T[] {
  const shuffled = [...list]
  let state = seed
  for (let i = shuffled.length - 1; i > 0; i--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    const j = state % (i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
  }
  return shuffled
}
