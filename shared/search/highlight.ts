export interface TextPart { text: string, hit: boolean }

const word = /[\p{L}\p{N}\p{Co}]+/gu

/** The words that full-text search sees: letters and digits, whatever stands between them divides. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.match(word)?.map(fold) ?? [])]
}

/** A text cut at what was searched for: the beginning of a word that begins with one of the search's words. */
export function highlight(text: string, searched: string): TextPart[] {
  const words = wordsOf(searched).sort((a, b) => b.length - a.length)
  if (!words.length) return [{ text, hit: false }]
  const parts: TextPart[] = []
  let done = 0
  for (const { 0: found, index } of text.matchAll(word)) {
    const folded = fold(found)
    // Folding may change the length ("ﬁ"); then the whole word is marked rather than the wrong part of it.
    const prefix = words.find(word => folded.startsWith(word))
    if (prefix === undefined) continue
    const length = folded.length === found.length ? prefix.length : found.length
    if (index > done) parts.push({ text: text.slice(done, index), hit: false })
    parts.push({ text: text.slice(index, index + length), hit: true })
    done = index + length
  }
  if (done < text.length) parts.push({ text: text.slice(done), hit: false })
  return parts
}

/** As SQLite's unicode61 folds: no case, no diacritics; Hangul stays composed. */
function fold(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').normalize('NFC')
}
