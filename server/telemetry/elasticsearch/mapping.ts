import { z } from 'zod'
import { candidates, searchedRoles, type SearchedRole } from './fields'

/** Answer of `_field_caps`: what each field is, by type; `indices` where not all agree. */
export const fieldCaps = z.object({
  indices: z.union([z.array(z.string()), z.string().transform(index => [index])]),
  fields: z.record(z.string(), z.record(z.string(), z.object({
    type: z.string(), searchable: z.boolean().default(true), aggregatable: z.boolean().default(false),
    indices: z.union([z.array(z.string()), z.string().transform(index => [index])]).nullish(),
  }))).default({}),
})
export type FieldCaps = z.infer<typeof fieldCaps>

/**
 * How a field is compared. `exact` holds texts whole, `words` holds them analysed, `number` and `flag` only what can
 * be read as one, `inside` is a key of an object that is mapped as one field.
 */
export interface Field {
  path: string
  kind: 'exact' | 'words' | 'number' | 'flag' | 'inside'
  /** Where it is that, when elsewhere it is something else: asked the wrong way, an index does not answer at all. */
  indices?: readonly string[]
}

/** What was found out of the indices; a role without a field cannot be searched by. */
export interface LogMapping {
  /** Every index, backing index and alias target that matched. */
  indices: ReadonlySet<string>
  time?: { path: string, nanos: boolean }
  fields: Record<Exclude<SearchedRole, 'time'>, Field[]>
  /** Fields that are not the same everywhere, with what they are. */
  conflicts: { field: string, types: string[] }[]
  /** Indices whose documents have no time that could be searched by. */
  withoutTime: string[]
}

const kinds: Record<string, Field['kind']> = {
  keyword: 'exact', constant_keyword: 'exact', wildcard: 'exact', version: 'exact', ip: 'exact', flattened: 'inside', flat_object: 'inside',
  text: 'words', match_only_text: 'words', annotated_text: 'words', search_as_you_type: 'words', pattern_text: 'words',
  long: 'number', integer: 'number', short: 'number', byte: 'number', unsigned_long: 'number', double: 'number', float: 'number', half_float: 'number', scaled_float: 'number',
  boolean: 'flag',
}
const ofText: readonly string[] = ['exact', 'words']
const allowed: Record<Exclude<SearchedRole, 'time'>, readonly string[]> = {
  traceId: ofText, spanId: ofText, message: ofText, level: [...ofText, 'number'], severity: ['number'], service: ofText, exception: ofText,
}

/** All paths that may carry what is searched by, and their whole texts beside them. */
export const searchedPaths: readonly string[] = searchedRoles.flatMap(role => candidates[role]).flatMap(path => [path, `${path}.keyword`])

export function readMapping(caps: FieldCaps): LogMapping {
  const fieldsOf = (role: Exclude<SearchedRole, 'time'>) => candidates[role]
    .flatMap(path => (role === 'message' || role === 'exception' ? wordFields(caps, path) : exactFields(caps, path)))
    .filter(({ path, kind }) => allowed[role].includes(kind) && (kind !== 'number' || role === 'severity' || path === 'level'))
  const time = readTime(caps)
  return {
    indices: new Set(caps.indices),
    ...(time && { time: { path: time.path, nanos: time.nanos } }),
    fields: {
      traceId: fieldsOf('traceId'), spanId: fieldsOf('spanId'), message: fieldsOf('message'), level: fieldsOf('level'),
      severity: fieldsOf('severity'), service: fieldsOf('service'), exception: fieldsOf('exception'),
    },
    conflicts: searchedRoles.flatMap(role => candidates[role]).flatMap((field) => {
      const types = typesOf(caps, field).map(({ type }) => type).filter(type => type !== 'object' && type !== 'nested').sort()
      return types.length > 1 ? [{ field, types }] : []
    }),
    withoutTime: time ? caps.indices.filter(index => !time.covers(index)) : caps.indices,
  }
}

/** The fields of one attribute under any of its paths; `whole` are objects mapped as one field. */
export function readAttributeFields(caps: FieldCaps, paths: readonly string[], whole: readonly string[]): Field[] {
  const inside = whole.filter(path => typesOf(caps, path).some(({ type }) => kinds[type] === 'inside'))
  return paths.flatMap((path): Field[] => (inside.some(object => path.startsWith(`${object}.`)) ? [{ path, kind: 'inside' }] : exactFields(caps, path)))
}

/** To compare whole texts: the field itself where it holds them, else the copy beside it that does. */
function exactFields(caps: FieldCaps, path: string): Field[] {
  const copy = wordFields(caps, `${path}.keyword`).filter(({ kind }) => kind === 'exact')
  return [...wordFields(caps, path).filter(({ kind }) => kind !== 'words' || copy.length === 0), ...copy]
}

/** To look for words: analysed wherever it is, whole where it is nothing else. */
function wordFields(caps: FieldCaps, path: string): Field[] {
  const known = typesOf(caps, path).flatMap(({ type, searchable, indices }) => (searchable && kinds[type] ? [{ kind: kinds[type], indices: indices ?? [] }] : []))
  const byKind = Map.groupBy(known, ({ kind }) => kind)
  const isMixed = byKind.size < new Set(typesOf(caps, path).map(({ type }) => type)).size || byKind.size > 1
  return [...byKind].map(([kind, of]) => ({ path, kind, ...(isMixed && { indices: of.flatMap(({ indices }) => indices) }) }))
}

/** How indices are sorted together that count in ms, that count in ns, and that do not know the time yet because their first line is only just making them. */
export const anyTime = { unmapped_type: 'date_nanos', numeric_type: 'date_nanos' }

/** The one field to sort by: the first that is a time, and that most indices have. */
function readTime(caps: FieldCaps): { path: string, nanos: boolean, covers: (index: string) => boolean } | undefined {
  const found = candidates.time.flatMap((path) => {
    const types = typesOf(caps, path).filter(({ type, searchable }) => searchable && (type === 'date' || type === 'date_nanos'))
    if (types.length === 0) return []
    // A type without a list is the only one there is.
    const covers = (index: string) => types.some(({ indices }) => !indices || indices.includes(index))
    return [{ path, nanos: types.some(({ type }) => type === 'date_nanos'), covers, count: caps.indices.filter(covers).length }]
  })
  return found.toSorted((a, b) => b.count - a.count)[0]
}

function typesOf(caps: FieldCaps, path: string): FieldCaps['fields'][string][string][] {
  return Object.values(caps.fields[path] ?? {}).filter(({ type }) => type !== 'unmapped')
}
