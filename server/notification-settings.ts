import { ConfigError } from './config-error'
import { createNetworkList, isForbidden } from './outgoing/addresses'

/** The one mail server that mail is handed to. */
export interface MailServer {
  host: string
  port: number
  /** TLS from the first byte; else STARTTLS, where it is offered or required. */
  secure: boolean
  requireTls: boolean
  /** Handed out where it is needed, so that no log of the settings holds it. */
  login?: () => { user: string, pass: string }
  from: { name: string, address: string }
}

export interface NotificationSettings {
  mail?: MailServer
  /** Networks of one's own in which receivers may live, as `10.20.0.0/16`. */
  networks: string[]
  /** First and last of each range, both included. */
  ports: [first: number, last: number][]
  retentionDays: number
}

type Environment = Record<string, string | undefined>

export function readNotifications(env: Environment): Omit<NotificationSettings, 'retentionDays'> {
  const mail = readMail(env)
  return { ...(mail && { mail }), networks: readNetworks(env), ports: readPorts(env) }
}

function readMail({ NUXT_SMTP_URL: address, NUXT_SMTP_FROM: from }: Environment): MailServer | undefined {
  if (address === undefined) {
    if (from !== undefined) throw new ConfigError('NUXT_SMTP_URL: missing, while NUXT_SMTP_FROM is there')
    return undefined
  }
  if (from === undefined) throw new ConfigError('NUXT_SMTP_FROM: missing beside NUXT_SMTP_URL')
  if (!/^smtps?:\/\//.test(address) || !URL.canParse(address)) throw new ConfigError('NUXT_SMTP_URL: not of the form smtp://user:password@host:587')
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!host || !['', '/'].includes(url.pathname) || url.search || url.hash) throw new ConfigError('NUXT_SMTP_URL: a host and a port, nothing behind')
  if (isForbidden(host)) throw new ConfigError('NUXT_SMTP_URL: not an address a mail server may have')
  const secure = url.protocol === 'smtps:'
  const login = readLogin(url)
  return {
    host, secure, port: Number(url.port) || (secure ? 465 : 587),
    // A password never crosses a network in the clear.
    requireTls: login !== undefined && !isLoopback(host),
    ...(login && { login }),
    from: readFrom(from),
  }
}

function readLogin(url: URL): MailServer['login'] {
  if (!url.username && !url.password) return undefined
  if (!url.username || !url.password) throw new ConfigError('NUXT_SMTP_URL: user and password belong together')
  try {
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    return () => ({ user, pass })
  }
  catch {
    throw new ConfigError('NUXT_SMTP_URL: user or password is not percent-encoded')
  }
}

function readFrom(text: string): MailServer['from'] {
  const [, name = '', address] = /^(?:([^<>\p{Cc}]{0,80})<)?([^\s<>@,;\p{Cc}]+@[^\s<>@,;\p{Cc}]+)>?$/u.exec(text.trim()) ?? []
  if (address === undefined) throw new ConfigError('NUXT_SMTP_FROM: not a mail address')
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address }
}

function readNetworks({ NUXT_NOTIFICATION_NETWORKS: text = '' }: Environment): string[] {
  const networks = text.split(',').map(part => part.trim()).filter(Boolean)
  try {
    createNetworkList(networks)
  }
  catch {
    throw new ConfigError('NUXT_NOTIFICATION_NETWORKS: not a list of networks such as 10.20.0.0/16')
  }
  return networks
}

function readPorts({ NUXT_NOTIFICATION_PORTS: text = '80,443,8443' }: Environment): NotificationSettings['ports'] {
  return text.split(',').map(part => part.trim()).filter(Boolean).map((part) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? []
    const range: [number, number] = [Number(first), Number(last)]
    if (!(range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535)) throw new ConfigError('NUXT_NOTIFICATION_PORTS: not a list of ports and ranges such as 443,8000-8100')
    return range
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}
