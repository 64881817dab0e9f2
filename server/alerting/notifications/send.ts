import type { Clock } from '#server/clock'
import { catalogues } from '#shared/text/catalogues'
import { createText } from '#shared/text/text'
import { chatBody } from './chat'
import { writeContent, type StoredNotice } from './content'
import { mailText } from './mail-text'
import type { Mailer } from './mailer'
import { noMailServer, type Outcome } from './outcome'
import type { Post } from './post'
import type { Target } from './targets'
import { webhookBody, webhookHeaders } from './webhook'

export interface Sending {
  /** What receivers know the message by. */
  id: string
  notices: StoredNotice[]
  target: Target
}

export interface SendOptions {
  clock: Clock
  post: Post
  /** Undefined where the installation has no mail server. */
  mailer: Mailer | undefined
  environment: string
  origin: string
}

/** Writes a message in its reader's language and hands it over, once. */
export function createSend({ clock, post, mailer, environment, origin }: SendOptions) {
  return async ({ id, notices, target }: Sending): Promise<Outcome> => {
    const at = clock.now()
    const text = createText(catalogues[target.language], { language: target.language, zone: target.zone }, { now: clock.now })
    const content = writeContent(notices, { text, wording: target.wording, environment, origin })
    if (target.kind === 'email') {
      const incidents = new Set(notices.map(({ incidentId }) => incidentId))
      const words = mailText(content, { text, recipient: target.name, environment, origin })
      return mailer ? mailer({ id, thread: incidents.size === 1 ? notices[0]!.incidentId : null, to: target.to, subject: content.subject, text: words, at }) : noMailServer
    }
    if (target.kind === 'chat') return post(target.url!, chatBody(content, text))
    const body = webhookBody(content, environment)
    return post(target.url!, body, webhookHeaders({ id, body, at, secrets: target.secrets }))
  }
}
