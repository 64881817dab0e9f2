import { generateKeyPairSync, sign } from 'node:crypto'
import type http from 'node:http'

/**
 * The world outside the platform, which sends no telemetry: the identity provider that signs the consumers' tokens and
 * publishes its public key, and the push gateway that takes notifications.
 */
export function createOutside() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'demo', alg: 'ES256', use: 'sig' }] })
  const tokens = new Map<string, { text: string, until: number }>()

  function tokenFor(consumer: string): string {
    const known = tokens.get(consumer)
    if (known && known.until > Date.now()) return known.text
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1_000)
    const unsigned = `${encode({ alg: 'ES256', kid: 'demo' })}.${encode({ sub: consumer, iat: now, exp: now + 3_600 })}`
    const text = `${unsigned}.${sign('sha256', Buffer.from(unsigned), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    tokens.set(consumer, { text, until: Date.now() + 3_000_000 })
    return text
  }

  /** True when the request was for somebody out there. */
  function handle(request: http.IncomingMessage, response: http.ServerResponse): boolean {
    const answerAfter = (milliseconds: number, status: number, body: string) => {
      request.resume()
      setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(body), milliseconds * (0.85 + Math.random() * 0.4))
    }
    if (request.method === 'GET' && request.url === '/.well-known/jwks.json') answerAfter(225, 200, keys)
    else if (request.method === 'POST' && request.url === '/push') answerAfter(45, 202, '{}')
    else return false
    return true
  }

  return { tokenFor, handle }
}
