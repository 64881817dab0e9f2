import { pino } from 'pino'

/** JSON lines on stdout; what could be a secret is cut out by path. */
export const log = pino({
  level: process.env.NUXT_LOG_LEVEL || 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: label => ({ level: label }) },
  redact: ['*.password', '*.token', '*.secret', '*.cookie', '*.authorization', 'headers'],
})
