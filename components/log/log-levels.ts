import type { LogLevelName } from '#shared/log-level'

/** From the foot of a stack to its top: what matters stands above. */
export const levelOrder: LogLevelName[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Grey up to INFO: only what is wrong burns. */
export const levelShades: Record<LogLevelName, string> = {
  trace: 'color-mix(in oklab, var(--calm) 55%, var(--ui-bg))',
  debug: 'color-mix(in oklab, var(--calm) 75%, var(--ui-bg))',
  info: 'var(--calm)',
  warn: 'var(--fire-2)',
  error: 'var(--fire-3)',
  fatal: 'color-mix(in oklab, var(--fire-3) 70%, var(--ui-text-highlighted))',
}

/** Words of a level. */
export const levelText: Record<LogLevelName, string> = {
  trace: 'text-muted', debug: 'text-muted', info: 'text-muted', warn: 'text-warning font-semibold', error: 'text-error font-semibold', fatal: 'text-error font-bold',
}
