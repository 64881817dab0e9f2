import { onTestFinished } from 'vitest'
import { openControl, type Database } from '#server/db/client'

/** A fresh control database with the real migrations, closed when the test ends. */
export function createControlDb(): Database {
  const db = openControl(':memory:')
  onTestFinished(() => void db.$client.close())
  return db
}
