// Lets plain Node run the project's own TypeScript (types are stripped by Node itself): the aliases, imports without an
// extension, and the two virtual modules of the bundler plugins. For scripts and benchmarks: node --import ./scripts/resolve.mjs FILE
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = new URL('..', import.meta.url)
const aliases = { '#server/': new URL('server/', root), '#shared/': new URL('shared/', root) }
const constant = value => `data:text/javascript,export default ${encodeURIComponent(JSON.stringify(value))}`

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '#migrations') return { url: constant(fileURLToPath(new URL('drizzle', root))), shortCircuit: true }
    if (specifier.endsWith('?worker')) return { url: constant(find(specifier.slice(0, -'?worker'.length), context.parentURL).href), shortCircuit: true }
    // What packages import of their own is Node's to find.
    if (!context.parentURL?.includes('/node_modules/') && /^(#server|#shared)\/|^\.\.?\//.test(specifier)) {
      const url = find(specifier, context.parentURL)
      if (url) return { url: url.href, shortCircuit: true }
    }
    return next(specifier, context)
  },
})

/** The file itself, with `.ts`, or the index of a folder. */
function find(specifier, parent) {
  const alias = Object.keys(aliases).find(name => specifier.startsWith(name))
  const base = fileURLToPath(alias ? new URL(specifier.slice(alias.length), aliases[alias]) : new URL(specifier, parent))
  const path = [`${base}.ts`, `${base}/index.ts`, base].find(candidate => existsSync(candidate))
  return path && pathToFileURL(path)
}
