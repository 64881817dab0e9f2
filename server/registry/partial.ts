import { unavailable, type Answer, type SourceName, type SourceWarning } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'

/** An answer that may lack everything, and then says which source is to blame: the page it belongs to still stands. */
export interface PartialAnswer<T> extends Answer<T[]> {
  failed: boolean
}

export async function orNothing<T>(source: SourceName, ask: Promise<Answer<T[]>>): Promise<PartialAnswer<T>> {
  try {
    return { ...await ask, failed: false }
  }
  catch (error) {
    if (!(error instanceof AppError) || error.code !== 'source.unavailable') throw error
    return { data: [], population: { kind: 'all' }, warnings: [unavailable(source, error)], failed: true }
  }
}

/** For questions whose answer is a plain list. */
export function listOrNothing<T>(source: SourceName, ask: Promise<T[]>): Promise<PartialAnswer<T>> {
  return orNothing(source, ask.then(data => ({ data, population: { kind: 'all' } as const, warnings: [] })))
}

/** The same trouble of one source is told once. */
export function together(...answers: { warnings: SourceWarning[] }[]): SourceWarning[] {
  const told = new Map(answers.flatMap(answer => answer.warnings).map(warning => [JSON.stringify([warning.source, warning.code, warning.params]), warning]))
  return [...told.values()]
}
