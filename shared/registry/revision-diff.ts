import { fieldNames, type EndpointFields } from '../schemas/endpoint'

export type FieldName = keyof EndpointFields

/** The groups of the form, in its order; a diff is read in the same ones. */
export const fieldGroups = {
  what: ['service', 'method', 'version', 'template'],
  names: ['nameKo', 'nameEn'],
  owner: ['ownerTeam', 'contact', 'tags'],
  repeat: ['repeatSafe'],
  objectives: ['latencyObjective', 'availabilityObjective', 'errorDegraded', 'errorCritical'],
  description: ['description'],
} as const satisfies Record<string, readonly FieldName[]>
export type FieldGroup = keyof typeof fieldGroups

export function isSame(a: EndpointFields[FieldName], b: EndpointFields[FieldName]): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((tag, at) => tag === b[at]) : a === b
}

export function changedFields(before: EndpointFields, after: EndpointFields): FieldName[] {
  return fieldNames.filter(field => !isSame(before[field], after[field]))
}

export interface TextPiece { text: string, changed: boolean }

/** What a text lost and gained, by word. The pieces of each side together give its text back. */
export function diffText(before: string, after: string): { before: TextPiece[], after: TextPiece[] } {
  const old = before.match(/\s+|\S+/g) ?? []
  const now = after.match(/\s+|\S+/g) ?? []
  // The table below has a cell per pair of words: two whole essays are simply replaced.
  if (old.length * now.length > 250_000) return { before: pieces([[before, true]]), after: pieces([[after, true]]) }
  const common = longestCommon(old, now)
  return {
    before: pieces(old.map((word, at) => [word, !common.old.has(at)])),
    after: pieces(now.map((word, at) => [word, !common.now.has(at)])),
  }
}

function longestCommon(old: string[], now: string[]): { old: Set<number>, now: Set<number> } {
  const width = now.length + 1
  const lengths = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] = old[i] === now[j]
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const common = { old: new Set<number>(), now: new Set<number>() }
  for (let i = 0, j = 0; i < old.length && j < now.length;) {
    if (old[i] === now[j]) {
      common.old.add(i++)
      common.now.add(j++)
    }
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return common
}

/** Neighbours of one kind become one piece; a space between two changed words belongs to them. */
function pieces(words: [text: string, changed: boolean][]): TextPiece[] {
  const result: TextPiece[] = []
  for (const [at, [text, changed]] of words.entries()) {
    const joins = !changed && !text.trim() && result.at(-1)?.changed === true && words[at + 1]?.[1] === true
    const last = result.at(-1)
    if (last?.changed === (changed || joins)) last.text += text
    else if (text) result.push({ text, changed: changed || joins })
  }
  return result
}
