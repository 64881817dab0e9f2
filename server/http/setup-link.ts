import type { Services } from '#server/services'
import { log } from './log'
import { linkView } from './one-time-link'

/** Says how to make the first account, also where only warnings are written. The link is a secret for half an hour; whoever reads this output may use it. */
export function announceSetup(services: Pick<Services, 'access' | 'config'>): void {
  const link = services.access.links.openSetup()
  if (!link) return
  const { url, expiresAt } = linkView(services, '/setup', link)
  log.warn({ event: 'access.setup.open', url, expiresAt }, `Nobody has an account yet. Make the first one here: ${url}`)
}
