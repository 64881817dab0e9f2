import type { RedSeries } from '../../../server/diagnosis/diagnosis.ts'

/**
 * When diagnosis is asked, where it is measured without detection: a rule as plain as can be, on the requests of every
 * service, judged every 10 s from the fifth minute on. Two steps in a row in which an endpoint
 *
 *   took 1.3 times its median mean of the minutes before and more than their 1.05 times worst, or
 *   failed 4 points more than before and at least 3 times, or
 *   (queues) waited a second longer than ever, or
 *   (silence) had no request where there had been 4 a step.
 *
 * It is told nothing of faults.
 */
export function findTrigger({ series, lags, entries }: { series: RedSeries[], lags: RedSeries[], entries: ReadonlySet<string> }, from: number, until: number): { at: number, symptoms: { service: string, operation: string }[] } | undefined {
  const step = 10e6
  const warm = Math.ceil((from + 290e6) / step) * step
  const strikes = new Map<string, number>()
  for (let at = warm; at + step <= until; at += step) {
    const fired: { service: string, operation: string }[] = []
    for (const entry of [...series, ...lags]) {
      const name = `${entry.service} ${entry.operation} ${entry.remote}`
      const isOdd = lags.includes(entry) ? isLate(entry, at) : entries.has(`${entry.service} ${entry.operation}`) ? isBad(entry, at) : isSilent(entry, at)
      const count = isOdd ? (strikes.get(name) ?? 0) + 1 : 0
      strikes.set(name, count)
      if (count >= (lags.includes(entry) || entries.has(`${entry.service} ${entry.operation}`) ? 2 : 4)) fired.push({ service: entry.service, operation: entry.operation })
    }
    if (fired.length) {
      const visible = fired.filter(({ service, operation }) => entries.has(`${service} ${operation}`) || lags.some(lag => lag.service === service && lag.operation === operation))
      return { at: at + step, symptoms: visible }
    }
  }
  return undefined
}

function isBad({ steps }: RedSeries, at: number): boolean {
  const now = steps.find(step => step.at === at)
  const past = steps.filter(step => step.at < at - 30e6 && step.requests >= 2)
  if (!now || now.requests < 3 || past.length < 10) return false
  const means = past.map(({ duration, requests }) => duration / requests).sort((a, b) => a - b)
  const mean = now.duration / now.requests
  const failed = past.reduce((sum, step) => sum + step.failed, 0) / past.reduce((sum, step) => sum + step.requests, 0)
  return (mean > 1.3 * means[means.length >> 1]! && mean > 1.05 * means.at(-1)!) || (now.failed >= 3 && now.failed / now.requests > failed + 0.04)
}

function isLate({ steps }: RedSeries, at: number): boolean {
  const now = steps.find(step => step.at === at)
  const past = steps.filter(step => step.at < at - 30e6)
  if (!now || past.length < 10) return false
  return now.duration / now.requests > 1e6 + Math.max(...past.map(({ duration, requests }) => duration / requests))
}

function isSilent({ steps }: RedSeries, at: number): boolean {
  const past = steps.filter(step => step.at < at - 60e6)
  const usual = past.reduce((sum, { requests }) => sum + requests, 0) / Math.max(1, past.length)
  return past.length >= 10 && usual >= 4 && !steps.some(step => step.at === at)
}
