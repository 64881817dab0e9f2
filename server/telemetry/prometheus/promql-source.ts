import { AppError } from '#shared/errors'
import { reasonOf } from '../upstream/trouble'
import type { PromqlAnswer, PromqlSource } from '../ports'
import { QueryRefused, type PrometheusApi, type Queried } from './api'
import { examplesOf } from './examples'
import type { FoundOut } from './findings'
import { anyOf, isName, type Matcher } from './promql'

/** As long as somebody may wait for a query of his own. */
const patience = 15_000

/** Queries as people write them. What the backend says against one is the writer's to read. */
export function createPromql({ api, only, findings }: { api: PrometheusApi, only: readonly Matcher[], findings: FoundOut }): PromqlSource {
  return {
    instant: (query, at, signal) => answer(api.instant(query, at, { signal, deadline: patience, timeout: patience - 500 })),
    range: (query, range, signal) => answer(api.range(query, range, { signal, deadline: patience, timeout: patience - 500 })),
    labelNames: ({ match, ...chosen }, signal) => refusable(api.labelNames({ ...chosen, match: matchesOf(match, only) }, { signal })),
    labelValues: (label, { match, ...chosen }, signal) => (isName(label) ? refusable(api.labelValues(label, { ...chosen, match: matchesOf(match, only) }, { signal })) : Promise.resolve([])),
    format: (query, signal) => refusable(formatted(api, query, signal)),
    examples: async () => examplesOf(await findings.get(), only),
    metadata: async (limit, signal) => {
      const known = await refusable(api.metadata({ limit }, { signal }))
      return Object.entries(known).flatMap(([name, [first]]) => (first ? [{ name, type: first.type, help: first.help, unit: first.unit }] : []))
    },
  }
}

function matchesOf(match: string | undefined, only: readonly Matcher[]): string[] {
  return match ? [match] : only.length ? [anyOf(only)] : []
}

async function answer(asked: Promise<Queried>): Promise<PromqlAnswer> {
  return refusable(asked)
}

async function refusable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  }
  catch (error) {
    if (error instanceof QueryRefused) throw new AppError(error.kind === 'timeout' ? 'metrics.timeout' : 'metrics.refused', { said: ofTheQuery(error.message) }, { cause: error })
    if (reasonOf(error) === 'timeout') throw new AppError('metrics.timeout', { said: '' }, { cause: error })
    if (reasonOf(error) === 'too_large') throw new AppError('metrics.too_much', {}, { cause: error })
    throw error
  }
}

/** Thanos has no such page. */
async function formatted(api: PrometheusApi, query: string, signal?: AbortSignal): Promise<string> {
  const written = await api.format(query, { signal })
  if (written === undefined) throw new AppError('metrics.cannot_format')
  return written
}

/** Which parameter of the call it came in is ours to know. */
function ofTheQuery(said: string): string {
  return said.replace(/^invalid parameter "query": /, '')
}
