import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createLauncher } from './launch/launcher.ts'
import { readSettings } from './launch/settings.ts'

// npm run demo: the app and a small platform beside it, until Ctrl+C.

const root = fileURLToPath(new URL('..', import.meta.url))
mkdirSync(new URL('../.demo', import.meta.url), { recursive: true, mode: 0o700 })

const ending = new AbortController()
let launcher: ReturnType<typeof createLauncher> | undefined
let code = 0

async function end(): Promise<never> {
  if (!ending.signal.aborted) ending.abort()
  // Nothing may hold this longer than a person waits.
  setTimeout(() => process.exit(1), 9_500).unref()
  await launcher?.stop()
  process.exit(code)
}

let asked = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The terminal and npm both pass Ctrl+C on: one press arrives twice. A later one means it.
    if (asked && Date.now() - asked > 1_000) process.exit(130)
    if (asked) return
    asked = Date.now()
    console.log('\nStopping …')
    void end()
  })
}
// Whoever started this may be killed without a word; then the parent is another one.
const parent = process.ppid
setInterval(() => process.ppid !== parent && !asked && (asked = Date.now()) && void end(), 500).unref()

try {
  launcher = createLauncher({ root, settings: readSettings(process.env), signal: ending.signal, say: line => console.log(line) })
  await launcher.start()
  const failure = await launcher.failed
  throw new Error(failure)
}
catch (error) {
  if (!ending.signal.aborted) {
    code = 1
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    await end()
  }
}
