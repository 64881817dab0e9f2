import type { FailureReason } from '#server/outgoing/failure'
import type { TextParams, Sentence } from '#shared/text/text'
import type { Millis } from '#shared/units'

/** What came of a try, in words for whoever looks after the channel. */
export interface Outcome {
  answer: Sentence
  /** `later`: may go well the next time. `never`: would be refused again. `gone`: there is nobody any more. */
  result: 'sent' | 'later' | 'never' | 'gone'
  /** The receiver asked to be left alone so long. */
  pause?: Millis
}

const say = (code: string, params?: TextParams): Sentence => ({ code: `notifications.answer.${code}`, ...(params && { params }) }) as Sentence

export const sent = (status: number): Outcome => ({ result: 'sent', answer: say('sent', { status: String(status) }) })

export const noMailServer: Outcome = { result: 'later', answer: say('no_mail') }
export const mailSent = (accepted: number, refused: readonly string[]): Outcome =>
  ({ result: 'sent', answer: refused.length ? say('mail_partly', { count: accepted, refused: refused.join(', ') }) : say('mail_sent', { count: accepted }) })
export const mailRefused = (response: string, lasting: boolean): Outcome => ({ result: lasting ? 'never' : 'later', answer: say('mail_refused', { response }) })
export const mailLogin: Outcome = { result: 'later', answer: say('mail_login') }

/** Nothing came back. An address that may not be gone to stays one. */
export function unreached(reason: FailureReason): Outcome {
  return { result: reason === 'forbidden_address' ? 'never' : 'later', answer: say(reason) }
}

/** By what an HTTP receiver answered. Redirects are not followed: nobody has checked where they lead. */
export function answered(status: number, pause?: Millis): Outcome {
  if (status >= 200 && status < 300) return sent(status)
  const params = { status: String(status) }
  if (status >= 500) return { result: 'later', answer: say('failing', params), ...(pause !== undefined && { pause }) }
  if ([408, 425, 429].includes(status)) return { result: 'later', answer: say('overloaded', params), ...(pause !== undefined && { pause }) }
  if (status === 410) return { result: 'gone', answer: say('gone', params) }
  if (status >= 300 && status < 400) return { result: 'never', answer: say('redirect', params) }
  if (status === 401 || status === 403) return { result: 'never', answer: say('unauthorised', params) }
  if (status === 404) return { result: 'never', answer: say('not_found', params) }
  return { result: 'never', answer: say('rejected', params) }
}
