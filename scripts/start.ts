import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** `npm start`: the app alone, from a build. */
const server = fileURLToPath(new URL('../.output/server/index.mjs', import.meta.url))
if (!existsSync(server)) {
  console.error('There is no build yet. Run `npm run build` first.')
  process.exit(1)
}
await import(pathToFileURL(server).href)
