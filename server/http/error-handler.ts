import { randomUUID } from 'node:crypto'
import type { H3Error, H3Event } from 'h3'
import { defineNitroErrorHandler } from 'nitropack/runtime'
import { log } from './log'
import { recordPageRefusal } from './page-refusal'
import { asAppError } from './problem'
import { writeProblem } from './write-answer'
import { AppError } from '#shared/errors'
import { languageOf } from '#shared/text/languages'

/**
 * What was thrown outside our own handlers. Under /api it becomes a problem like any other; a page goes on to the
 * framework, which renders error.vue. Neither tells more than the code and a request id.
 */
export default defineNitroErrorHandler((error: H3Error, event: H3Event) => {
  if (!/^\/api(?:\/|$|\?)/.test(event.path)) return recordPageRefusal(event, error)
  const id = randomUUID()
  const failure = error.statusCode === 404 ? new AppError('route.not_found') : asAppError(error.cause ?? error)
  log.error({ event: 'http.unexpected', requestId: id, method: event.method, code: failure.code, err: failure.cause })
  event.node.res.setHeader('cache-control', 'no-store')
  writeProblem(event, failure, { id, language: languageOf(event.node.req.headers['accept-language']), zone: 'UTC' })
})
