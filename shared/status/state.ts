/** How a thing is doing. Drawn as lit fires: one healthy, two degraded, three critical, hollow unknown. */
export const states = ['healthy', 'degraded', 'critical', 'unknown'] as const
export type State = (typeof states)[number]

export const firesOf: Record<State, 0 | 1 | 2 | 3> = { healthy: 1, degraded: 2, critical: 3, unknown: 0 }

/** Worst first; unknown stands before healthy because it needs a look. */
export const urgency: Record<State, number> = { critical: 0, degraded: 1, unknown: 2, healthy: 3 }
