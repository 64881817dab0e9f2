import { backUp } from '../server/db/backup.ts'

/** `npm run backup`: a verified copy of the control file; the app may be running. */
const dataDir = process.env.NUXT_DATA_DIR || '.data'
try {
  const { path, rows } = backUp(dataDir, new Date())
  console.log(`${path}: opened, intact, ${Object.values(rows).reduce((sum, count) => sum + count, 0)} rows in ${Object.keys(rows).length} tables.`)
}
catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
