import { defineEventHandler } from 'h3'
import { takeDisplayKey } from '#server/http/display-cookie'

export default defineEventHandler(event => takeDisplayKey(event, event.context.services))
