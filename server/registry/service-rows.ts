import { count, eq } from 'drizzle-orm'
import type { Transaction } from '#server/db/client'
import { services } from '#server/db/control/schema'

const colours = 12

/** The service of this name, made at first sight with the next colour of the palette. */
export function ensureService(tx: Transaction, { name, display, namespace, firstSeen, at }: {
  name: string, display?: string, namespace?: string, firstSeen?: Date, at: Date,
}) {
  const known = tx.select().from(services).where(eq(services.name, name)).get()
  if (known) return known
  const { held } = tx.select({ held: count() }).from(services).get()!
  return tx.insert(services).values({
    name,
    display: display ?? name,
    namespace,
    colour: held % colours + 1,
    firstSeenAt: firstSeen,
    createdAt: at,
    updatedAt: at,
  }).returning().get()
}
