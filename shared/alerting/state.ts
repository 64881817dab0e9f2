/**
 * Where a rule stands with a subject. `error`: its source could not be asked, `no_data`: there is nothing to judge;
 * neither of them is `ok`, and an alert that fires goes on under both.
 */
export const alertStates = ['ok', 'pending', 'firing', 'no_data', 'error', 'paused'] as const
export type AlertState = (typeof alertStates)[number]
