import type { Clock } from '#server/clock'
import { MINUTE } from '#shared/units'
import { log } from './log'

/** Anybody may send reports: what is written down of them is bounded in length and in number. */
const perMinute = 30

let minute = 0
let written = 0

export function recordCspReport(report: Record<string, unknown>, clock: Clock): void {
  const now = Math.floor(clock.monotonic() / MINUTE)
  if (now !== minute) [minute, written] = [now, 0]
  if (++written > perMinute) return
  const field = (name: string) => typeof report[name] === 'string' ? report[name].split(/[?#]/)[0]!.slice(0, 200) : undefined
  log.warn({ event: 'browser.csp.violated', directive: field('effective-directive') ?? field('violated-directive'), blocked: field('blocked-uri'), page: field('document-uri'), source: field('source-file') })
}
