import type { ErrorCode, ErrorParams } from './errors'
import type { Sentence, TextKey, TextParam, TextParams } from './text/text'

/** Why a backend cannot answer; each has a sentence, `source.trouble.<reason>`, and most have one for who looks after it, `source.cure.<reason>`. */
export const troubleReasons = [
  'refused', 'unknown_host', 'unreachable', 'forbidden_address', 'tls', 'timeout', 'cut_off',
  'redirect', 'unauthorised', 'forbidden', 'not_found', 'rejected', 'overloaded', 'failing',
  'too_large', 'wrong_content', 'bad_answer', 'wrong_product', 'unhealthy', 'opening', 'paused', 'busy', 'slow',
] as const
export type TroubleReason = typeof troubleReasons[number]

const passing = ['paused', 'busy', 'slow'] as const satisfies TroubleReason[]
type PassingReason = typeof passing[number]
const isPassing = (reason: TroubleReason): reason is PassingReason => (passing as readonly string[]).includes(reason)

const isReason = (reason: unknown): reason is TroubleReason => troubleReasons.includes(reason as TroubleReason)

const products: Record<string, string> = { zipkin: 'Zipkin', prometheus: 'Prometheus', elasticsearch: 'Elasticsearch' }
export const nameOfSource = (source: unknown): TextParam => products[String(source)] ?? { text: 'monitoring.source.name.embedded' }

/** What an error says to people: of a source in trouble why, of everything else its code's own sentence. */
export function errorSentence({ code, params = {} }: { code: string, params?: ErrorParams | TextParams }): Sentence {
  const known = params as TextParams
  return code === 'source.unavailable' satisfies ErrorCode && known.source !== undefined ? troubleSentence(known) : { code: `error.${code}` as TextKey, params: known }
}

/** The same of a source's health, or of what a source threw: its `source`, its `reason`, and what fills the sentence. */
export function troubleSentence({ source, reason, ...params }: TextParams): Sentence {
  return { code: isReason(reason) ? `source.trouble.${reason}` : 'error.source.unavailable', params: { ...params, source: nameOfSource(source) } }
}

/** What whoever looks after the installation can do about it; of some only time can be waited for. */
export function cureSentence({ source, reason, ...params }: TextParams): Sentence | undefined {
  return isReason(reason) && !isPassing(reason) ? { code: `source.cure.${reason}`, params: { ...params, source: nameOfSource(source) } } : undefined
}

/** Why an answer is incomplete, and since when; other warnings of a source have a sentence by their code. */
export function warningSentence({ source, code, params = {}, since }: { source: string, code: string, params?: TextParams, since?: string }): Sentence {
  const at: TextParams = since === undefined ? {} : { at: { at: since } }
  if (code !== 'unavailable') return { code: `source.warning.${code}` as TextKey, params: { ...params, ...at, source: nameOfSource(source) } }
  const trouble = troubleSentence({ ...params, source })
  // That its part is yet to come is all there is to say.
  if (params.reason === 'slow') return trouble
  return { code: since === undefined ? 'source.missing' : 'source.missing_since', params: { ...at, trouble: { text: trouble.code, params: trouble.params } } }
}

/** Whether a source did not give its part of an answer. */
export function lacksPart(warnings: readonly { code: string }[]): boolean {
  return warnings.some(({ code }) => code === 'unavailable')
}

/** Whether what the figures come from did not answer: then none is not zero. */
export function isUncounted(warnings: readonly { source: string, code: string }[]): boolean {
  return warnings.some(({ source, code }) => code === 'unavailable' && (source === 'prometheus' || source === 'embedded'))
}
