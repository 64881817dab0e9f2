/** Least to worst; a level's place in it is its rank. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevelName = (typeof logLevels)[number]

/** How the words of each level begin, in whatever case and library: `WARNING`, `err`, `SEVERE`, `critical`. */
export const levelWords: Record<LogLevelName, readonly string[]> = {
  trace: ['trace', 'verbose', 'finest'],
  debug: ['debug', 'fine'],
  info: ['info', 'notice'],
  warn: ['warn'],
  error: ['err', 'severe'],
  fatal: ['fatal', 'crit', 'emerg', 'alert', 'panic'],
}

const named = new RegExp(`^(?:${logLevels.map(level => `(${levelWords[level].join('|')})`).join('|')})`, 'i')

/** OpenTelemetry has four numbers a level, from 1. */
export function severityOf(rank: number): number {
  return rank * 4 + 1
}

/** The rank by OpenTelemetry's number 1 to 24; by the word where there is none, and `info` where that says nothing either. */
export function levelRank(severity: number | undefined, word: string | undefined): number {
  if (severity !== undefined && severity >= 1 && severity <= 24) return Math.floor((severity - 1) / 4)
  const found = word && named.exec(word)
  return found ? found.slice(1).findIndex(Boolean) : 2
}
