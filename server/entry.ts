import '#nitro-internal-pollyfills'
import { createServer } from 'node:http'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { trapUnhandledNodeErrors } from 'nitropack/runtime/internal'
import { readConfig } from '#server/config'
import { drain } from '#server/http/drain'
import { log } from '#server/http/log'

// Listening, draining and leaving are ours: Nitro's own entry would wait 30 s for open streams.

// Libraries outside the bundle ask while they run, and out of production they write addresses to the log, query and all.
Object.assign(process.env, { NODE_ENV: 'production' })

const nitro = useNitroApp()
const { host, port } = readConfig(process.env)
const server = createServer(
  { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
  toNodeListener(nitro.h3App),
)

trapUnhandledNodeErrors()

server.on('error', (error: NodeJS.ErrnoException) => {
  log.fatal({ event: 'app.listen.failed', setting: 'PORT', host, port, code: error.code }, `PORT ${port} cannot be used: ${error.code}`)
  process.exit(1)
})
server.listen(port, host, () => log.info({ event: 'app.listening', host, port }))

let ending = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (ending) process.exit(1)
    ending = true
    void end(signal)
  })
}

/** Streams first, then requests under way, then receivers, worker and databases; a net catches what hangs. */
async function end(signal: string) {
  log.info({ event: 'app.stopping', signal })
  setTimeout(() => process.exit(1), 9_000).unref()
  const closed = new Promise(done => server.close(done))
  await drain()
  server.closeIdleConnections()
  await closed
  await nitro.hooks.callHook('close')
  log.info({ event: 'app.stopped' })
  process.exit(0)
}
