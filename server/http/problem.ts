import { AppError, type ErrorCode, type ErrorParams } from '#shared/errors'
import type { FieldIssue } from '#shared/schemas/issue'
import { errorSentence } from '#shared/source-trouble'
import { catalogues } from '#shared/text/catalogues'
import { createText, type TextKey } from '#shared/text/text'
import type { RequestReader } from './reader'

/** RFC 9457, in the reader's language. */
export interface Problem {
  type: string
  title: string
  detail: string
  status: number
  code: ErrorCode
  params: ErrorParams
  /** What is wrong field by field, where the code is `request.invalid`. */
  issues?: (FieldIssue & { message: string })[]
  details?: unknown
  requestId: string
}


const titles: Record<number, string> = {
  400: 'bad_request', 401: 'unauthorized', 403: 'forbidden', 404: 'not_found', 405: 'method_not_allowed', 409: 'conflict',
  410: 'gone', 413: 'too_large', 415: 'unsupported_media_type', 422: 'invalid', 429: 'too_many', 501: 'unsupported', 503: 'unavailable',
}

/** Only errors of the catalogue say what happened; anything else is "unexpected" and a request id. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (isBusy(error)) return new AppError('control.busy', {}, { cause: error })
  return new AppError('app.unexpected', {}, { cause: error })
}

export function toProblem(error: AppError, requestId: string, reader: RequestReader): Problem {
  const text = createText(catalogues[reader.language], reader)
  const issues = isIssues(error) ? error.details : undefined
  return {
    type: `urn:bongsu:problem:${error.code}`,
    title: text(`error.title.${titles[error.status] ?? 'unexpected'}` as TextKey),
    detail: text.sentence(errorSentence(error)),
    status: error.status,
    code: error.code,
    params: error.params,
    ...(issues && { issues: issues.map(issue => ({ ...issue, message: text(issue.code as TextKey, issue.params) })) }),
    ...(!issues && error.details !== undefined && { details: error.details }),
    requestId,
  }
}

export function problemHeaders(error: AppError): Record<string, string> {
  return {
    ...(typeof error.params.seconds === 'number' && { 'retry-after': String(Math.max(1, Math.ceil(error.params.seconds))) }),
    ...(error.code === 'control.busy' && { 'retry-after': '1' }),
    ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
  }
}

function isIssues(error: AppError): error is AppError & { details: FieldIssue[] } {
  return error.code === 'request.invalid' && Array.isArray(error.details)
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^SQLITE_(?:BUSY|LOCKED)/.test(error.code)
}
