import type { CheckedSource } from './schemas/sources'
import { cureSentence, nameOfSource, troubleSentence, type TroubleReason } from './source-trouble'
import type { Sentence, TextKey } from './text/text'

/** What has to work, in this order, before data arrives. */
export const sourceSteps = ['name', 'connection', 'credentials', 'program', 'data'] as const
export type SourceStep = typeof sourceSteps[number]

/** What is wrong with a source, and what to do about it. */
export interface SourceNotice {
  state: Exclude<CheckedSource['state'], 'ok'>
  title: Sentence
  cure?: Sentence
  /** In the backend's own words. */
  said?: string
  /** Where the way to its data ends; undefined where that is no matter of steps. */
  step?: SourceStep
}

const stepOf: Partial<Record<TroubleReason, SourceStep>> = {
  unknown_host: 'name', forbidden_address: 'name',
  refused: 'connection', unreachable: 'connection', tls: 'connection', timeout: 'connection', cut_off: 'connection', slow: 'connection',
  unauthorised: 'credentials', forbidden: 'credentials',
  redirect: 'program', not_found: 'program', rejected: 'program', wrong_content: 'program', bad_answer: 'program', wrong_product: 'program', unhealthy: 'program', failing: 'program', overloaded: 'program', too_large: 'program',
}

/** Whether somebody answered, though not so that anything could be read: then it is not the line that is down. */
export function hasAnswered(trouble: CheckedSource['trouble']): boolean {
  return ['credentials', 'program'].includes(stepOf[trouble?.reason as TroubleReason] ?? '')
}

/** Facts that make answers poorer than they could be; the rest of what was found is as it should be. */
const shortcomings = new Set([
  'no_requests', 'no_histograms', 'no_consumers', 'labels_moved', 'no_created_timestamps', 'log_no_index', 'log_time_missing', 'log_message_missing',
  'log_trace_missing', 'log_service_missing', 'log_level_missing', 'log_conflict', 'log_without_time', 'zipkin_no_search',
])
export const isShortcoming = (code: string): boolean => shortcomings.has(code)

/** Nothing where all is well. */
export function noticeOf({ state, source, signal, trouble, found, lastReceived }: Pick<CheckedSource, 'state' | 'source' | 'signal' | 'trouble' | 'found' | 'lastReceived'>): SourceNotice | undefined {
  if (state === 'ok') return undefined
  if (state === 'failed') {
    const params = { ...trouble, source }
    const cure = cureSentence(params)
    const step = stepOf[trouble?.reason as TroubleReason]
    return { state, title: troubleSentence(params), ...(cure && { cure }), ...(typeof trouble?.said === 'string' && { said: trouble.said }), ...(step && { step }) }
  }
  const params = { source: nameOfSource(source), data: { text: `source.data.${signal}` as TextKey } }
  const has = (code: string) => found.find(fact => fact.code === code)
  const about = (code: string, more = {}) => ({ state, title: { code: `source.quiet.${code}` as TextKey, params: { ...params, ...more } }, cure: { code: `source.quiet.${code}_cure` as TextKey, params: { ...params, ...more } } })
  if (has('log_cluster')?.params?.status === 'red') return about('red')
  if (state === 'idle' && has('log_opening')) {
    const opening = { source, reason: 'opening' }
    return { state, title: troubleSentence(opening), cure: cureSentence(opening), step: 'data' }
  }
  if (state === 'idle' && has('no_requests')) return { ...about('no_requests'), step: 'data' }
  if (state === 'idle' && has('log_no_index')) return { ...about('no_index', has('log_no_index')!.params), step: 'data' }
  if (state === 'idle') return { ...about(`none_${source}`), step: 'data' }
  return { ...about(`late_${source}`, { at: { at: lastReceived ?? '' } }), step: 'data' }
}
