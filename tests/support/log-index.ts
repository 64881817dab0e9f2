import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { LogLine } from '../../server/telemetry/ports'
import type { LogForm } from './log-documents'

/** Asks the backend itself; anything but success fails the test. */
export async function ask(url: string, method: string, path: string, body?: object | string): Promise<Record<string, unknown>> {
  const answer = await fetch(url + path, {
    method, headers: { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' },
    body: typeof body === 'object' ? JSON.stringify(body) : body, signal: AbortSignal.timeout(20_000),
  })
  const said = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`)
  return JSON.parse(said) as Record<string, unknown>
}

export interface LogIndices {
  /** A new index, or data stream, with these lines; answers its name. */
  fill: (lines: readonly Partial<LogLine>[]) => Promise<string>
  /** More lines for one of them. */
  add: (name: string, lines: readonly Partial<LogLine>[]) => Promise<void>
}

/** Indices of one form under names of their own, which are gone when the tests around are. */
export function useLogIndices(url: string, { template, dataStream, document }: LogForm, prefix = `kit-${randomUUID().slice(0, 8)}`): LogIndices {
  beforeAll(async () => {
    await ask(url, 'PUT', `/_index_template/${prefix}`, {
      index_patterns: [`${prefix}-*`], priority: 900, ...(dataStream && { data_stream: {} }),
      template: { settings: { number_of_shards: 2, number_of_replicas: 0, refresh_interval: '-1' }, ...(template && { mappings: template }) },
    })
  })
  afterAll(async () => {
    // Not every build can end a data stream.
    await fetch(`${url}/${dataStream ? '_data_stream/' : ''}${prefix}-*`, { method: 'DELETE' })
    await fetch(`${url}/_index_template/${prefix}`, { method: 'DELETE' })
  })

  async function add(name: string, lines: readonly Partial<LogLine>[]): Promise<void> {
    const rows = lines.flatMap(line => [JSON.stringify({ create: { _index: name, ...(line.id && { _id: line.id }) } }), JSON.stringify(document(line))])
    const { errors, items } = await ask(url, 'POST', '/_bulk?refresh=true', `${rows.join('\n')}\n`)
    if (errors) throw new Error(JSON.stringify(items))
  }

  let count = 0
  return {
    async fill(lines) {
      const name = `${prefix}-${count++}`
      if (lines.length) await add(name, lines)
      else if (!dataStream) await ask(url, 'PUT', `/${name}`)
      return name
    },
    add,
  }
}
