import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import BetterSqlite from 'better-sqlite3'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as { packages: Record<string, { version: string, hasInstallScript?: boolean, resolved?: string }> }
const own = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<string, Record<string, string>>

const numbers = (version: string) => version.split(/[.-]/).map(Number)
function isAtLeast(version: string, floor: string): boolean {
  const [a, b] = [numbers(version), numbers(floor)]
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! > b[i]!
  return true
}

it.each([
  ['nuxt', '4.5.1'], ['nitropack', '2.13.4'], ['h3', '1.15.9'], ['drizzle-orm', '0.45.2'], ['better-sqlite3', '13.0.0'],
])('SC-01: the locked %s is at least %s, below which advisories are known', (name, floor) => {
  const copies = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`))
  expect(copies.length).toBeGreaterThan(0)
  for (const [path, { version }] of copies) expect(isAtLeast(version, floor), `${path} ${version}`).toBe(true)
})

it('SC-01: SQLite itself is recent', () => {
  const db = new BetterSqlite(':memory:')
  expect(isAtLeast(db.prepare('select sqlite_version()').pluck().get() as string, '3.51.3')).toBe(true)
  db.close()
})

it('SC-01: every version is exact', () => {
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'].flatMap(kind => Object.entries(own[kind] ?? {}))
  expect(ranges.filter(([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

it('names no address to download from', () => {
  expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved)).toEqual([])
})
