import { canonicalLiteral, encodeCharacter } from './template'

/** The path of what a sender gives: a path, a target with its query, or a whole URL. */
export function pathOf(target: string): string {
  const afterHost = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(target)?.[0].length ?? 0
  const end = target.slice(afterHost).search(/[?#]/)
  return target.slice(afterHost, end < 0 ? undefined : afterHost + end) || '/'
}

/** Segments of a real path; trailing and doubled slashes make none. */
export function pathSegments(path: string): string[] {
  return pathOf(path).split('/').filter(Boolean).map(canonicalLiteral)
}

const identifiers = [
  // Whole numbers only: `2.0` is a version.
  /^[+-]?\d+$/,
  /^0x[\da-f]+$/i,
  // Hexadecimal of eight digits and more; "deadbeef" could be a word, so a short one needs a figure in it.
  /^(?=.*\d)[\da-f]{8,}$/i,
  /^[\da-f]{16,}$/i,
  /^\{?[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\}?$/i,
  /^\d{4}[-.]\d{1,2}(?:[-.]\d{1,2})?(?:[T ]\d{2}(?::?|%3A)\d{2}.*)?$/i,
]

/** Key of a path nobody registered and no sender named: segments that are ids of some kind become `{}`. */
export function normalisePath(path: string): string {
  return `/${pathSegments(path).map(segment => identifiers.some(pattern => pattern.test(segment)) ? '{}' : plain(segment)).join('/')}`
}

/** A real path may hold what would read as a variable in a key. */
function plain(segment: string): string {
  return segment.replace(/[{}<>*():]/g, encodeCharacter)
}
