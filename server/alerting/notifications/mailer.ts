import { connect, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type { MailServer } from '#server/notification-settings'
import { createCheckedLookup, isForbidden } from '#server/outgoing/addresses'
import { reasonOfFailure } from '#server/outgoing/failure'
import { SECOND } from '#shared/units'
import { mailLogin, mailRefused, mailSent, unreached, type Outcome } from './outcome'

export interface Mail {
  /** The same for every try: mail readers show a doubled one once. */
  id: string
  /** What belongs together: mail readers put it under each other. */
  thread: string | null
  to: readonly string[]
  subject: string
  text: string
  at: Date
}

export type Mailer = (mail: Mail) => Promise<Outcome>

/** Hands mail to the installation's mail server. Never throws: whatever happens is an outcome. */
export function createMailer(server: MailServer): Mailer {
  const { host, port } = server
  const lookup = createCheckedLookup(isForbidden)
  const idOf = (name: string) => `<${name}@${server.from.address.split('@')[1]}>`
  const transport = createTransport({
    host, port, secure: server.secure, requireTLS: server.requireTls, auth: server.login?.(),
    connectionTimeout: 5 * SECOND, greetingTimeout: 5 * SECOND, socketTimeout: 10 * SECOND, socketCloseTimeout: SECOND,
    disableFileAccess: true, disableUrlAccess: true,
    getSocket(_: unknown, callback: (error: Error | null, found?: { connection: Socket }) => void) {
      open({ host, port, lookup }).then(connection => callback(null, { connection }), callback)
    },
  })

  return async ({ id, thread, to, subject, text, at }) => {
    try {
      const { accepted, rejected } = await transport.sendMail({
        from: server.from, to: [...to], subject, text, date: at, messageId: idOf(id), signal: AbortSignal.timeout(20 * SECOND),
        ...(thread !== null && { references: idOf(thread) }),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      })
      return mailSent(accepted.length, rejected.map(String))
    }
    catch (error) {
      return outcomeOf(error as NodeJS.ErrnoException & { response?: string, responseCode?: number })
    }
  }
}

function open({ host, port, lookup }: { host: string, port: number, lookup: ReturnType<typeof createCheckedLookup> }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup, timeout: 5 * SECOND })
    socket.once('timeout', () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.removeAllListeners('timeout').setTimeout(0)
      resolve(socket)
    })
  })
}

/** A server's own words say best what is wrong; it is the installation's own, so they may be shown. */
function outcomeOf(error: NodeJS.ErrnoException & { response?: string, responseCode?: number }): Outcome {
  if (error.code === 'EAUTH') return mailLogin
  if (error.code === 'ETLS') return unreached('tls')
  if (error.responseCode !== undefined) return mailRefused((error.response ?? String(error.responseCode)).replaceAll(/[\p{Cc}]+/gu, ' ').slice(0, 200), error.responseCode >= 500)
  if (error.code === 'ECONNECTION') return unreached('cut_off')
  return unreached(reasonOfFailure(error))
}
