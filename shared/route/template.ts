/** One stretch of a template as it is drawn: text that must be there, one variable segment, or the variable rest. */
export interface TemplatePart {
  kind: 'literal' | 'parameter' | 'tail'
  /** As written: `orders`, `{orderId}`, `:id`, `{path...}`. */
  text: string
  /** What stands for it in the route key: the literal itself, `{}`, `{*}`. */
  key: string
}

export type TemplateProblem = 'empty' | 'unbalanced' | 'tail-not-last' | 'only-tail' | 'adjacent' | 'spaces' | 'too-long'

export interface RouteTemplate {
  /** Segments between slashes, each of one part or, as in `{name}.json`, several. */
  segments: TemplatePart[][]
  /** Names do not count: `/orders/{id}`, `/orders/:id` and `/orders/<int:id>` are all `/orders/{}`. */
  key: string
  /** Why nobody may register it. What a sender sends is read all the same. */
  problem?: TemplateProblem
}

const longest = 512
const closing: Record<string, string> = { '{': '}', '<': '>', '(': ')' }

/** Reads the template languages of the frameworks people use; never throws, because senders are not asked. */
export function parseTemplate(template: string): RouteTemplate {
  const text = dropQuery(template.trim())
  const segments = splitSegments(text).map(readSegment)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    // Only the end can take the rest of a path; anywhere else a wildcard stands for one segment.
    if (!last) for (const part of segment) if (part.kind === 'tail') Object.assign(part, { kind: 'parameter', key: '{}' })
  }
  return { segments, key: `/${segments.map(segmentKey).join('/')}`, problem: problemOf(template, text, segments) }
}

export function segmentKey(segment: readonly TemplatePart[]): string {
  return segment.map(part => part.key).join('')
}

/** `?` and `#` end a path, but not inside braces, where `?` marks an optional parameter. */
function dropQuery(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '#' || (text[at] === '?' && !isOptionalMark(text, at))) return text.slice(0, at)
    at = groupEnd(text, at) ?? at
  }
  return text
}

/** Express: `/orders/:id?/items`. */
function isOptionalMark(text: string, at: number): boolean {
  return /\/:\w+(?:\(.*\))?$/.test(text.slice(text.lastIndexOf('/', at), at)) && /^\/|^$/.test(text.slice(at + 1, at + 2))
}

function splitSegments(text: string): string[] {
  const segments: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    if (at === text.length || text[at] === '/') {
      if (at > from) segments.push(text.slice(from, at))
      from = at + 1
    }
    else at = groupEnd(text, at) ?? at
  }
  return segments
}

/** Where the group opening at `at` closes, counting nested ones (`{id:\d{3}}`); undefined where none opens or closes. */
function groupEnd(text: string, at: number): number | undefined {
  const open = text[at]!
  const close = closing[open]
  if (!close || (open === '(' && !/:\w+$/.test(text.slice(Math.max(0, at - 64), at)))) return undefined
  let depth = 0
  for (let end = at; end < text.length; end++) {
    if (text[end] === open) depth++
    else if (text[end] === close && --depth === 0) return end
  }
  return undefined
}

function readSegment(segment: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let literal = ''
  const flush = () => {
    if (literal) parts.push({ kind: 'literal', text: literal, key: canonicalLiteral(literal) })
    literal = ''
  }
  for (let at = 0; at < segment.length;) {
    const variable = readVariable(segment, at)
    if (!variable) {
      literal += segment[at++]
      continue
    }
    flush()
    const tail = variable.tail && at === 0 && variable.end === segment.length
    parts.push({ kind: tail ? 'tail' : 'parameter', text: segment.slice(at, variable.end), key: tail ? '{*}' : '{}' })
    at = variable.end
  }
  flush()
  return parts
}

function readVariable(segment: string, at: number): { end: number, tail: boolean } | undefined {
  const end = groupEnd(segment, at)
  if (end !== undefined && segment[at] !== '(') {
    const inside = segment.slice(at + 1, end)
    return { end: end + 1, tail: segment[at] === '{' ? /^\*|\.\.\.$|:\.[*+]$|:path$/.test(inside) : inside.startsWith('path:') }
  }
  // Express: a colon begins a parameter at the start of a segment, or after a separator of one that began so.
  // `/orders:batchGet` and `/orders/{id}:cancel` are verbs and stay text.
  const named = segment[0] === ':' && (at === 0 || /[-.~]/.test(segment[at - 1]!)) && /^:[A-Za-z_]\w*/.exec(segment.slice(at))
  if (named) {
    let stop = at + named[0].length
    stop = segment[stop] === '(' ? (groupEnd(segment, stop) ?? stop - 1) + 1 : stop
    const mark = segment[stop] ?? ''
    return { end: '*+?'.includes(mark) && mark ? stop + 1 : stop, tail: mark === '*' || mark === '+' }
  }
  const star = at === 0 && /^\*\*?\w*$/.exec(segment)
  return star ? { end: segment.length, tail: true } : undefined
}

function problemOf(template: string, text: string, segments: TemplatePart[][]): TemplateProblem | undefined {
  if (!text || !segments.length) return text === '/' ? undefined : 'empty'
  if (template.length > longest) return 'too-long'
  const parts = segments.flat()
  const literals = parts.filter(part => part.kind === 'literal').map(part => part.text)
  if (literals.some(literal => /[{}<>]/.test(literal))) return 'unbalanced'
  // eslint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001F\u007F]/.test(literals.join(''))) return 'spaces'
  if (segments.length === 1 && parts[0]!.kind === 'tail') return 'only-tail'
  if (parts.some(part => part.kind === 'parameter' && /^\*\*|^\{\*|\.\.\.\}$/.test(part.text))) return 'tail-not-last'
  return segments.some(segment => segment.some((part, index) => index > 0 && part.kind !== 'literal' && segment[index - 1]!.kind !== 'literal')) ? 'adjacent' : undefined
}

/**
 * One spelling for a literal: `%EC%A3%BC` is `주`, `%7E` is `~`. What means something in a path or in a template
 * stays encoded, so that `a%2Fb` is still one segment.
 */
export function canonicalLiteral(text: string): string {
  if (!/[%\s{}<>]/.test(text)) return text
  // A bracket that opened nothing is text, and must not open something when the key is read again.
  return text.replace(/[\s{}<>]/g, encodeCharacter).replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      // eslint-disable-next-line no-control-regex
      return decodeURIComponent(run).replace(/[\s\u0000-\u001F\u007F/%{}<>?#:*()]/g, encodeCharacter)
    }
    catch {
      return run.toUpperCase()
    }
  })
}

export function encodeCharacter(char: string): string {
  return char > '\u007F' ? encodeURIComponent(char) : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
