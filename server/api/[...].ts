import { defineEventHandler } from 'h3'
import { answerUnrouted } from '#server/http/unrouted'

// The one file without a method: it takes what the others leave. Imported late, because the list holds this file too.
export default defineEventHandler(async event => answerUnrouted(event, (await import('#api-routes')).default))
