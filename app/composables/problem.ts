import type { FieldIssue } from '#shared/schemas/issue'
import type { SentWarning } from '#shared/schemas/time-range'
import type { TextParams } from '#shared/text/text'

export interface Problem {
  code: string
  params?: TextParams
  /** Field by field, for forms. */
  issues?: (FieldIssue & { message: string })[]
  details?: unknown
  requestId?: string
}

/** What our API says went wrong (RFC 9457), or that it could not be reached. */
export function problemOf(error: unknown): Problem {
  const data = (error as { data?: Partial<Problem> } | undefined)?.data
  return data?.code ? { ...data, code: data.code } : { code: 'app.unexpected' }
}

/**
 * The page says what our API said; an address that can name nothing is no page. On the server a fatal error would be
 * written to the log as a fault of ours.
 */
export function pageError(error: { status?: number, data?: unknown } | undefined) {
  const { issues, requestId } = (error?.data ?? {}) as Partial<Problem>
  if (issues?.some(({ where }) => where === 'params')) return createError({ status: 404, data: { requestId }, fatal: import.meta.client })
  return createError({ status: error?.status ?? 404, data: error?.data, fatal: import.meta.client })
}

/** A source that did not answer, as the amber line over what it leaves out. */
export function warningOf({ params = {} }: Problem): SentWarning {
  const { source, since, ...rest } = params as Record<string, string | number>
  return { source: source as SentWarning['source'], code: 'unavailable', params: rest, ...(typeof since === 'string' && { since }) }
}
