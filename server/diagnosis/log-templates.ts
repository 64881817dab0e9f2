/** Of a message, the characters that are looked at: what goes on longer is a stack, a body or a dump. */
export const longestMessage = 500

/** A message with what differs from line to line taken out. */
export function maskMessage(body: string): string {
  return body.slice(0, longestMessage)
    .replace(/"[^"]*"|'[^']*'/g, '<*>')
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<*>')
    .replace(/\b(?:0x)?(?=[\da-f]*\d)[\da-f]{8,}\b/gi, '<*>')
    .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '<*>')
    .replace(/[+-]?\d+(?:[.,:]\d+)*/g, '<*>')
}

const DEPTH = 2
const ALIKE = 0.6

interface Group { words: string[], template: number }

/**
 * Templates by a parse tree of fixed depth: lines of one service with the same number of words and the same first two
 * are compared word by word; those that agree in at least 60 % are one template, and where they differ stands `<*>`.
 */
export class TemplateTree {
  private tree = new Map<string, Group[]>()
  private groups: Group[] = []
  private known = new Map<string, number>()

  /** Number of the line's template. */
  add(service: string, body: string): number {
    const masked = maskMessage(body)
    const name = `${service}\0${masked}`
    const held = this.known.get(name)
    if (held !== undefined) return held
    const words = masked.split(/\s+/)
    const leaf = [service, words.length, ...words.slice(0, DEPTH).map(word => word.includes('<*>') ? '<*>' : word)].join('\0')
    const groups = this.tree.get(leaf) ?? []
    let best: Group | undefined
    let most = ALIKE
    for (const group of groups) {
      const same = words.reduce((sum, word, i) => sum + (word === group.words[i] ? 1 : 0), 0) / words.length
      if (same >= most) [best, most] = [group, same]
    }
    if (best) best.words = best.words.map((word, i) => word === words[i] ? word : '<*>')
    else {
      best = { words, template: this.groups.length }
      groups.push(best)
      this.groups.push(best)
      this.tree.set(leaf, groups)
    }
    this.known.set(name, best.template)
    return best.template
  }

  textOf(template: number): string {
    return this.groups[template]!.words.join(' ')
  }
}
