import { hash } from 'node:crypto'
import { decodeText, WireReader } from '../otlp/wire'
import { WireWriter } from '../otlp/wire-writer'
import { LANGUAGE, SERVICE_INSTANCE, SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_VERSION, type AttributeKeys } from './attribute-keys'
import { AttributeView, TEXT } from './attribute-view'
import { cleanMessage, resourceLayout } from './clean'
import type { ResourceFacts } from './facts'

const mostResources = 5_000
const longestName = 200
const unnamed = 'unknown_service'

/** Resources by their bytes: read once per process that sends, not once per batch. */
export class Resources {
  private known = new Map<string, ResourceFacts>()
  private view = new AttributeView()
  private writer = new WireWriter()

  scan(bytes: Uint8Array, from: number, to: number, keys: AttributeKeys): ResourceFacts {
    const digest = hash('sha1', bytes.subarray(from, to), 'hex')
    const known = this.known.get(digest)
    if (known) return known
    const facts = this.read(bytes, from, to, keys, digest)
    if (this.known.size >= mostResources) this.known.delete(this.known.keys().next().value!)
    this.known.set(digest, facts)
    return facts
  }

  /** After a change of what is masked. */
  clear() {
    this.known.clear()
  }

  private read(bytes: Uint8Array, from: number, to: number, keys: AttributeKeys, digest: string): ResourceFacts {
    // Not from Node's shared pool: it is held, and would keep 8 KiB of it.
    const ownDigest = Buffer.allocUnsafeSlow(digest.length / 2)
    ownDigest.write(digest, 'hex')
    const reader = new WireReader(bytes, from, to)
    const text: (string | undefined)[] = []
    for (let tag = reader.field(); tag; tag = reader.field()) {
      if (tag !== 10) {
        reader.skip(tag)
        continue
      }
      this.view.read(reader, reader.length(), keys)
      const { key, tag: type, from, to } = this.view
      if (type === TEXT && to > from && to - from <= 4 * longestName) text[key!.role] = decodeText(bytes, from, to).slice(0, longestName)
    }
    cleanMessage(new WireReader(bytes, from, to), this.writer.reset(), resourceLayout, keys)
    return {
      digest: ownDigest,
      data: this.writer.take(),
      service: text[SERVICE_NAME]?.trim().toLowerCase() || unnamed,
      namespace: text[SERVICE_NAMESPACE],
      version: text[SERVICE_VERSION],
      instance: text[SERVICE_INSTANCE],
      language: text[LANGUAGE],
    }
  }
}
