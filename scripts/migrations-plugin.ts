import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'

const folder = fileURLToPath(new URL('../drizzle', import.meta.url))

/**
 * `import folder from '#migrations'` gives the folder that holds the migrations of both files: the source folder in
 * development and tests, a copy beside the server in a build. drizzle's migrator reads a real folder.
 */
export function migrationsPlugin({ emit = false } = {}): Plugin {
  const id = '\0migrations'
  const mark = '__MIGRATIONS_URL__'
  return {
    name: 'bongsu:migrations',
    resolveId: { order: 'pre', handler: source => (source === '#migrations' ? id : undefined) },
    load(source) {
      if (source !== id) return
      if (!emit) return `export default ${JSON.stringify(folder)}`
      for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (/\.(sql|json)$/.test(path)) this.emitFile({ type: 'asset', fileName: `drizzle/${path}`, source: readFileSync(join(folder, path)) })
      }
      return `import { fileURLToPath } from 'node:url'\nexport default fileURLToPath('${mark}')`
    },
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || !chunk.code.includes(mark)) continue
        const up = posix.relative(posix.dirname(chunk.fileName), '') || '.'
        chunk.code = chunk.code.replace(new RegExp(`(["'\`])${mark}\\1`, 'g'), `new URL(${JSON.stringify(`${up}/drizzle`)}, import.meta.url)`)
      }
    },
  }
}
