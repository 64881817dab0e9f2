/** `critical` pages someone, `warning` is a ticket, `info` is kept with the service and opens no incident. */
export const severities = ['info', 'warning', 'critical'] as const
export type Severity = (typeof severities)[number]

/** Where an alert comes from: detection without a rule (T0 to T4), a rule of one's own, another alerting system. */
export const alertOrigins = ['t0', 't1', 't2', 't3', 't4', 'own', 'alertmanager'] as const
export type AlertOrigin = (typeof alertOrigins)[number]
