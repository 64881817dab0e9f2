import { AppError } from '#shared/errors'
import type { Sentence } from '#shared/text/text'

/** Why a rule could not be judged. */
export function sentenceOf(error: unknown): Sentence {
  if (!(error instanceof AppError)) return { code: 'alerting.error.own' }
  const { source, said } = error.params
  if (error.code === 'source.unsupported') return { code: 'alerting.error.no_promql' }
  if (error.code === 'metrics.refused') return { code: 'alerting.error.refused', params: { said: String(said) } }
  if (error.code === 'metrics.timeout' || error.code === 'metrics.too_much') return { code: 'alerting.error.heavy' }
  return typeof source === 'string' ? { code: 'alerting.error.source', params: { source } } : { code: 'alerting.error.own' }
}
