import { WireReader } from '../otlp/wire'
import type { AttributeKeys } from './attribute-keys'
import type { ResourceFacts, ScopeFacts } from './facts'
import type { Resources } from './scan-resource'

/**
 * The shape that all three requests share: resources (1) with scopes (2) with items (2). Calls `item` with a reader
 * over each item's message. The resource and the scope may stand behind what they describe.
 */
export function scanEnvelope(bytes: Uint8Array, { resources, keys }: { resources: Resources, keys: AttributeKeys }, item: (reader: WireReader, resource: ResourceFacts, scope: ScopeFacts) => void): void {
  for (const group of messages(new WireReader(bytes), 1)) {
    const head = first(group, 1)
    const resource = resources.scan(bytes, head.at, head.end, keys)
    for (const scoped of messages(group, 2)) {
      const scope = readScope(first(scoped, 1))
      // The one loop that runs for every item: a single reader is moved along.
      const walk = new WireReader(bytes, scoped.at, scoped.end)
      const message = new WireReader(bytes)
      for (let tag = walk.field(); tag; tag = walk.field()) {
        if (tag !== 18) {
          walk.skip(tag)
          continue
        }
        const end = walk.length()
        item(message.range(walk.at, end), resource, scope)
        walk.at = end
      }
    }
  }
}

/** Readers over the messages of one field. */
function* messages(reader: WireReader, field: number): Generator<WireReader> {
  const walk = new WireReader(reader.bytes, reader.at, reader.end)
  for (let tag = walk.field(); tag; tag = walk.field()) {
    if (tag !== (field << 3 | 2)) {
      walk.skip(tag)
      continue
    }
    const end = walk.length()
    yield new WireReader(walk.bytes, walk.at, end)
    walk.at = end
  }
}

/** The first message of a field, or an empty one. */
function first(reader: WireReader, field: number): WireReader {
  for (const message of messages(reader, field)) return message
  return new WireReader(reader.bytes, reader.at, reader.at)
}

function readScope(reader: WireReader): ScopeFacts {
  const scope = { name: '', version: '' }
  for (let tag = reader.field(); tag; tag = reader.field()) {
    if (tag === 10) scope.name = reader.text().slice(0, 200)
    else if (tag === 18) scope.version = reader.text().slice(0, 100)
    else reader.skip(tag)
  }
  return scope
}
