import type { Severity } from '../alerting/severity'
import type { State } from '../status/state'

/** As many fires as the severity has: a warning is two, critical three. */
export const stateOfSeverity: Record<Severity, State> = { info: 'healthy', warning: 'degraded', critical: 'critical' }
