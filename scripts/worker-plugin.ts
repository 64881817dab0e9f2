import { mkdirSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown, type Plugin } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Native, so it stays a file of its own; everything else goes into the worker's bundle. */
const external = [/^node:/, ...builtinModules, 'better-sqlite3']

/** The aliases that server code may use, for every bundler that reads it. */
export const serverAliases = {
  '#server': join(root, 'server'),
  '#shared': join(root, 'shared'),
}

/**
 * `import url from './store-worker?worker'` gives the URL of that file bundled alone, for `new Worker(new URL(url))`.
 *
 * Alone, because a second entry of the server's own build may share chunks with it, and a worker that loads the
 * server's main chunk would start the server inside itself. With `writeTo` (dev, tests) the bundle is written there
 * at once; without, it is emitted beside the server build, whose place is known only at the end.
 */
export function workerPlugin({ writeTo }: { writeTo?: string } = {}): Plugin {
  const mark = '__WORKER_URL__'
  return {
    name: 'bongsu:worker',
    resolveId: {
      order: 'pre',
      handler(source, importer) {
        if (!source.endsWith('?worker')) return
        const path = source.slice(0, -'?worker'.length)
        const alias = Object.entries(serverAliases).find(([name]) => path.startsWith(`${name}/`))
        const file = alias ? join(alias[1], path.slice(alias[0].length)) : resolve(dirname(importer!), path)
        return `\0worker:${file.endsWith('.ts') ? file : `${file}.ts`}`
      },
    },
    async load(id) {
      if (!id.startsWith('\0worker:')) return
      const file = id.slice('\0worker:'.length)
      const name = basename(file).replace(/\.ts$/, '.mjs')
      const { code, modules } = await bundleAlone(file)
      for (const module of modules) this.addWatchFile(module)
      if (writeTo) {
        mkdirSync(writeTo, { recursive: true })
        const path = join(writeTo, name)
        writeFileSync(path, code)
        return `export default ${JSON.stringify(pathToFileURL(path).href)}`
      }
      this.emitFile({ type: 'asset', fileName: `workers/${name}`, source: code })
      return `export default '${mark}${name}'`
    },
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || !chunk.code.includes(mark)) continue
        const up = posix.relative(posix.dirname(chunk.fileName), '') || '.'
        chunk.code = chunk.code.replace(new RegExp(`(["'\`])${mark}([\\w.-]+)\\1`, 'g'), (_, __, name) =>
          `new URL(${JSON.stringify(`${up}/workers/${name}`)}, import.meta.url).href`)
      }
    },
  }
}

async function bundleAlone(file: string) {
  const bundle = await rolldown({ input: file, platform: 'node', external, resolve: { alias: serverAliases } })
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    return { code: output[0].code, modules: output[0].moduleIds.filter(id => !id.startsWith('\0')) }
  }
  finally {
    await bundle.close()
  }
}
