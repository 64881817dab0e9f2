import { z } from 'zod'

const mostAlerts = 1_000
const labels = z.record(z.string().max(200), z.string().max(2_000)).refine(held => Object.keys(held).length <= 100)

const sent = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }).optional(),
  generatorURL: z.string().max(4_000).default(''),
  /** Hash of the labels: the same alert sent again has the same. */
  fingerprint: z.string().regex(/^[\da-f]{1,64}$/i),
})
export type SentAlertmanagerAlert = z.infer<typeof sent>

/** What Alertmanager's webhook receiver sends, version 4 of it; what else it says is left alone. */
export const alertmanagerMessage = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string().max(500).default(''),
  truncatedAlerts: z.number().int().min(0).default(0),
  alerts: z.array(sent).max(mostAlerts),
}).transform(message => message)
export type AlertmanagerMessage = z.infer<typeof alertmanagerMessage>

/** What became of what was sent. */
export const alertmanagerAnswer = z.object({
  /** Alerts that began, ended, and were known already. */
  fired: z.int(), resolved: z.int(), unchanged: z.int(),
  /** About services that the key does not speak for. */
  refused: z.int(),
})
