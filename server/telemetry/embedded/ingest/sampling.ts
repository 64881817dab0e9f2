/**
 * How many requests a kept span stands for, from `ot=th:…` in the trace state: the threshold as 56 bits, padded with
 * zeros, gives p = (2^56 - T) / 2^56. Undefined where the sender does not say.
 */
export function weightOf(traceState: string): number | undefined {
  const threshold = /(?:^|,)\s*ot=(?:[^,]*;)?th:([\da-f]{1,14})(?:[;,]|\s*$)/.exec(traceState)?.[1]
  if (threshold === undefined) return undefined
  const rejected = Number.parseInt(threshold.padEnd(14, '0'), 16)
  const kept = 2 ** 56 - rejected
  return kept > 0 ? 2 ** 56 / kept : undefined
}
