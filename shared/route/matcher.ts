import { pathSegments } from './path'
import { parseTemplate, segmentKey, type TemplatePart } from './template'

export interface RouteMatcher {
  /** Route key of the best registered template for a real path, query and trailing slash aside. */
  match: (path: string) => string | undefined
}

interface Branch {
  literals: Map<string, Branch>
  /** `{}.json` and the like, the one with most literal text first. */
  mixed: { pattern: RegExp, text: number, branch: Branch }[]
  parameter?: Branch
  /** Key of a template that ends here. */
  key?: string
  /** Key of a template whose tail begins here. */
  tail?: string
}

/**
 * Templates (or keys) as a tree by segment. Branches are tried literal, mixed, `{}`, `{*}`, so the first key found is
 * the best one; a path visits each branch at most once, whatever the templates are.
 */
export function createRouteMatcher(templates: Iterable<string>): RouteMatcher {
  const root = createBranch()
  for (const template of templates) add(root, parseTemplate(template))
  return {
    match: path => find(root, pathSegments(path), 0),
  }
}

function createBranch(): Branch {
  return { literals: new Map(), mixed: [] }
}

function add(root: Branch, { segments, key }: { segments: TemplatePart[][], key: string }) {
  let branch = root
  for (const segment of segments) {
    if (segment[0]!.kind === 'tail') {
      branch.tail ??= key
      return
    }
    branch = step(branch, segment)
  }
  branch.key ??= key
}

function step(branch: Branch, segment: TemplatePart[]): Branch {
  if (segment.length === 1 && segment[0]!.kind === 'parameter') return branch.parameter ??= createBranch()
  const key = segmentKey(segment)
  if (segment.every(part => part.kind === 'literal')) {
    const next = branch.literals.get(key) ?? createBranch()
    branch.literals.set(key, next)
    return next
  }
  const pattern = patternOf(segment)
  const known = branch.mixed.find(mixed => mixed.pattern.source === pattern.source)
  if (known) return known.branch
  const added = { pattern, text: segment.reduce((sum, part) => sum + (part.kind === 'literal' ? part.key.length : 0), 0), branch: createBranch() }
  branch.mixed.push(added)
  branch.mixed.sort((a, b) => b.text - a.text || (a.pattern.source < b.pattern.source ? -1 : 1))
  return added.branch
}

/** Each variable takes at least one character and, but for the last, as few as it can. */
function patternOf(segment: TemplatePart[]): RegExp {
  return new RegExp(`^${segment.map(part => part.kind === 'literal' ? part.key.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') : '.+?').join('')}$`, 'su')
}

function find(branch: Branch, path: readonly string[], at: number): string | undefined {
  const segment = path[at]
  if (segment === undefined) return branch.key ?? branch.tail
  const literal = branch.literals.get(segment)
  const found = literal && find(literal, path, at + 1)
  if (found !== undefined) return found
  for (const { pattern, branch: next } of branch.mixed) {
    const mixed = pattern.test(segment) ? find(next, path, at + 1) : undefined
    if (mixed !== undefined) return mixed
  }
  return (branch.parameter && find(branch.parameter, path, at + 1)) ?? branch.tail
}
