const id = /^(?:[+-]?\d+|0x[\da-f]+|(?=.*\d)[\da-f]{8,}|[\da-f]{16,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i
const longest = 300

/** A span's name as its operation: as sent, with the ids in paths and long ids anywhere replaced by `{}`. */
export function operationName(name: string): string {
  const short = name.length > longest ? name.slice(0, longest) : name
  if (!/\d|[\da-f]{16}/i.test(short)) return short
  return short.split(' ').map((word) => {
    if (!word.includes('/')) return word.length >= 16 && id.test(word) ? '{}' : word
    return word.split('/').map(segment => id.test(segment) ? '{}' : segment).join('/')
  }).join(' ')
}
