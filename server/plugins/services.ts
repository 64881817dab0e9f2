import { defineNitroPlugin } from 'nitropack/runtime'
import { ConfigError, readConfig } from '#server/config'
import { log } from '#server/http/log'
import { announceSetup } from '#server/http/setup-link'
import { createServices } from '#server/services'

/** Builds the services once; requests that come meanwhile wait for them. */
export default defineNitroPlugin((nitro) => {
  const services = start()
  services.catch(leave)
  nitro.hooks.hook('request', async (event) => {
    event.context.services = await services
  })
  nitro.hooks.hook('close', async () => (await services).close())
})

async function start() {
  const services = await createServices(readConfig(process.env), leave)
  announceSetup(services)
  return services
}

/** A process that cannot do its work ends at once and says why; the message names settings, never values. */
function leave(error: unknown): never {
  log.fatal({ event: 'app.start.failed', err: error instanceof ConfigError ? undefined : error }, error instanceof Error ? error.message : String(error))
  process.exit(1)
}
