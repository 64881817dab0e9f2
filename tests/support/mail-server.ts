import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface ReceivedMail {
  from: string
  to: string[]
  /** By lower-case name, decoded and unfolded. */
  headers: Record<string, string>
  text: string
}

/** A mail server on loopback that keeps what it is given. `refuse` may answer a recipient with an error. */
export async function startMailServer(options: SMTPServerOptions & { refuse?: (address: string) => { code: number, message: string } | undefined } = {}) {
  const mails: ReceivedMail[] = []
  const { refuse, ...rest } = options
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true, ...rest,
    onRcptTo({ address }, _, callback) {
      const refusal = refuse?.(address)
      callback(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
    },
    onData(stream, session, callback) {
      Array.fromAsync(stream as AsyncIterable<Buffer>).then((chunks) => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), ...parse(Buffer.concat(chunks).toString()) })
        callback()
      }, callback)
    },
  })
  server.on('error', () => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  return { mails, host: '127.0.0.1', port: (server.server.address() as AddressInfo).port }
}

function parse(raw: string): Pick<ReceivedMail, 'headers' | 'text'> {
  const at = raw.indexOf('\r\n\r\n')
  const headers = Object.fromEntries(raw.slice(0, at).replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())]
  }))
  const body = raw.slice(at + 4)
  const encoding = headers['content-transfer-encoding']
  const text = encoding === 'base64' ? Buffer.from(body, 'base64').toString() : encoding === 'quoted-printable' ? decodeQuoted(body.replaceAll('=\r\n', '')) : body
  return { headers, text: text.replaceAll('\r\n', '\n') }
}

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`. */
function decodeWords(header: string): string {
  return header.replaceAll(/\?=\s+=\?/g, '?==?').replaceAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, words: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(words, 'base64').toString() : decodeQuoted(words.replaceAll('_', ' ')))
}

function decodeQuoted(words: string): string {
  return Buffer.from(words.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString()
}
