import { parser } from '@prometheus-io/lezer-promql'

const most = 10

/** What a query selects, each once and without its range or offset; undefined where the grammar does not know it. */
export function selectorsOf(query: string): string[] | undefined {
  const found = new Set<string>()
  let known = true
  parser.parse(query).iterate({ enter(node) {
    if (node.type.isError) known = false
    if (node.name === 'VectorSelector') found.add(query.slice(node.from, node.to).trim())
  } })
  return known ? [...found].slice(0, most) : undefined
}
