import { defineApiHandler } from '#server/http/define-api-handler'
import { isDraining } from '#server/http/drain'
import { AppError } from '#shared/errors'
import { readiness } from '#shared/schemas/readiness'

/** For load balancers and start scripts: pages can be served, whatever the sources do. */
export default defineApiHandler({
  permission: 'public',
  response: readiness,
  async handle({ services }) {
    if (isDraining()) throw new AppError('app.draining')
    // Reads the control file, and fails where that does.
    services.access.links.isSetUp()
    return { status: 'ready' as const, sources: await services.monitoring.sourceHealth.read() }
  },
})
