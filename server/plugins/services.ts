import { defineNitroPlugin } from 'nitropack/runtime'
import { ConfigError, readConfig } from '#server/config'
import { log } from '#server/http/log'
import { announceSetup } from '#server/http/setup-link'
import { createServices, type Services } from '#server/services'

/** Builds the services before the first request and hands them to each. Synchronous, because Nitro does not wait. */
export default defineNitroPlugin((nitro) => {
  const services = start()
  announceSetup(services)
  services.started.catch(leave)
  nitro.hooks.hook('request', (event) => {
    event.context.services = services
  })
  nitro.hooks.hook('close', () => services.close())
})

function start(): Services {
  try {
    return createServices(readConfig(process.env))
  }
  catch (error) {
    return leave(error)
  }
}

/** A process that cannot do its work ends at once and says why; the message names settings, never values. */
function leave(error: unknown): never {
  log.fatal({ event: 'app.start.failed', err: error instanceof ConfigError ? undefined : error }, error instanceof Error ? error.message : String(error))
  process.exit(1)
}
