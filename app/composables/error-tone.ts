import { defaultLimits, errorLevel } from '#shared/status/limits'

const tones = { healthy: undefined, degraded: 'font-semibold text-warning', critical: 'font-semibold text-error' } as const

/** How loud an error ratio of one consumer is: by the limits that hold without a word of an endpoint's own. */
export function errorTone({ failed, requests }: { failed: number, requests: number }) {
  return tones[errorLevel({ failed, requests }, defaultLimits)]
}
