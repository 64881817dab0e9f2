import { fileURLToPath } from 'node:url'
import { builtinModules } from 'node:module'
import { rolldown } from 'rolldown'
import { migrationsPlugin } from '../../../scripts/migrations-plugin.ts'
import { serverAliases, workerPlugin } from '../../../scripts/worker-plugin.ts'

const cache = fileURLToPath(new URL('../../../node_modules/.cache/bench/', import.meta.url))

/** Bundles a file that uses our server code and gives the path to run; plain Node knows neither aliases nor workers. */
export async function bundle(file: URL, name: string): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(file), platform: 'node', external: [/^node:/, ...builtinModules, 'better-sqlite3', 'protobufjs', 'undici'], resolve: { alias: serverAliases },
    plugins: [workerPlugin({ writeTo: cache }), migrationsPlugin()],
    // On a busy machine it would complain of the plugins' share of the time.
    checks: { pluginTimings: false },
  })
  await bundle.write({ dir: cache, entryFileNames: `${name}.mjs`, format: 'esm', codeSplitting: false })
  await bundle.close()
  return `${cache}${name}.mjs`
}
