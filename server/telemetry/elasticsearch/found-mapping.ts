import { z } from 'zod'
import type { Clock } from '#server/clock'
import { MINUTE, SECOND } from '#shared/units'
import { path, type Upstream } from '../upstream/upstream'
import { attributePaths, wholeObjects } from './fields'
import { fieldCaps, readAttributeFields, readMapping, searchedPaths, type Field, type FieldCaps, type LogMapping } from './mapping'
import { explained, isOfClosed, refusal, toTrouble } from './refusal'
import { catIndices } from './wire'

const answer = z.union([refusal, fieldCaps])

const fresh = 5 * MINUTE
/** A surprise is looked into at most this often. */
const patience = 10 * SECOND
const mostAttributes = 200
const longestKey = 200
/** Of one address: a cluster takes 4,096 characters. */
const longestList = 2_500
const longestNames = 1_000

/** What the indices hold: found out at the first question, again every few minutes, and when an answer does not fit. */
export function createFoundMapping({ upstream, clock, indices }: { upstream: Upstream, clock: Clock, indices: string }) {
  let held: { mapping: LogMapping, at: number } | undefined
  let underway: Promise<LogMapping> | undefined
  const attributes = new Map<string, Field[]>()

  async function capsOf(fields: readonly string[], signal?: AbortSignal, of = indices): Promise<FieldCaps> {
    const said = await Promise.all(lists(fields, longestList).map(list => upstream.get(path`/${of}/_field_caps`, answer, {
      query: { fields: list, include_unmapped: true, ignore_unavailable: true, allow_no_indices: true }, signal, accept: explained,
    })))
    const refused = said.find(part => 'error' in part)
    if (refused && of === indices && isOfClosed(refused)) return capsOfOpen(fields, signal)
    if (refused) throw toTrouble(refused)
    const parts = said.flatMap(part => ('error' in part ? [] : [part]))
    return { indices: parts[0]!.indices, fields: Object.assign({}, ...parts.map(part => part.fields)) as FieldCaps['fields'] }
  }

  /** Each by its own name: of dated ones the newest, as many as an address can hold. */
  async function capsOfOpen(fields: readonly string[], signal?: AbortSignal): Promise<FieldCaps> {
    const listed = await upstream.get(path`/_cat/indices/${indices}`, catIndices, { query: { format: 'json', h: 'index,status', expand_wildcards: 'all' }, signal })
    const open = listed.filter(({ status }) => status === 'open').map(({ index }) => index).toSorted().toReversed()
    return open.length ? capsOf(fields, signal, lists(open, longestNames)[0]) : { indices: [], fields: {} }
  }

  /** Not by a reader's signal: everybody waits for it. */
  function find(): Promise<LogMapping> {
    underway ??= capsOf(searchedPaths).then((caps) => {
      held = { mapping: readMapping(caps), at: clock.monotonic() }
      attributes.clear()
      return held.mapping
    }).finally(() => (underway = undefined))
    return underway
  }

  const age = () => (held ? clock.monotonic() - held.at : Infinity)

  return {
    /** The one found before while a newer one is looked for; none at all is waited for. */
    async get(): Promise<LogMapping> {
      if (!held || (held.mapping.indices.size === 0 && age() > patience)) return find()
      if (age() > fresh) find().catch(() => {})
      return held.mapping
    },

    /** Anew, whatever is known. */
    look: find,

    /** Anew, unless that was done a moment ago; undefined then. */
    async again(): Promise<LogMapping | undefined> {
      return age() > patience ? find() : undefined
    },

    known: () => held?.mapping,

    /** The fields that may hold an attribute. */
    async attribute(key: string, signal?: AbortSignal): Promise<Field[]> {
      // A star or a comma would ask for more than one name.
      if (/[*,\s]/.test(key) || key.length > longestKey) return []
      const known = attributes.get(key)
      if (known) return known
      const paths = attributePaths(key)
      const caps = await capsOf([...paths.flatMap(each => [each, `${each}.keyword`]), ...wholeObjects], signal)
      const fields = readAttributeFields(caps, paths, wholeObjects)
      if (attributes.size >= mostAttributes) attributes.clear()
      attributes.set(key, fields)
      return fields
    },
  }
}

/** Names joined, as many as fit. */
function lists(names: readonly string[], longest: number): string[] {
  const all: string[] = []
  for (const name of names) {
    const last = all.at(-1)
    if (last !== undefined && last.length + name.length < longest) all[all.length - 1] = `${last},${name}`
    else all.push(name)
  }
  return all
}

export type FoundMapping = ReturnType<typeof createFoundMapping>
