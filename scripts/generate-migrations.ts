// npm run db:generate -- control add_things           the schema's changes since the last migration
// npm run db:generate -- control guard_things --empty an empty one, for what a schema cannot say
import { spawnSync } from 'node:child_process'

const [file, name, option] = process.argv.slice(2)
if ((file !== 'control' && file !== 'telemetry') || !name || (option && option !== '--empty')) {
  console.error('Usage: npm run db:generate -- <control|telemetry> <name> [--empty]')
  process.exit(1)
}
const { status } = spawnSync(process.execPath, [
  'node_modules/drizzle-kit/bin.cjs', 'generate', '--config', `drizzle-${file}.config.ts`, '--name', name,
  ...(option ? ['--custom'] : []),
], { stdio: 'inherit' })
process.exit(status ?? 1)
