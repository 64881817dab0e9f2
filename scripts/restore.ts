import { newestBackup, restore } from '../server/db/backup.ts'

/** `npm run restore [-- FILE]`: the named or the newest backup takes the control file's place; the app must be stopped. */
const dataDir = process.env.NUXT_DATA_DIR || '.data'
try {
  const backup = process.argv[2] ?? newestBackup(dataDir)
  if (!backup) throw new Error(`There is no backup in ${dataDir}/backups.`)
  const { rows, kept } = restore(dataDir, backup, new Date())
  console.log(`Restored ${backup}: ${Object.values(rows).reduce((sum, count) => sum + count, 0)} rows in ${Object.keys(rows).length} tables.`)
  if (kept) console.log(`What was there before is kept as ${kept}.`)
}
catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
