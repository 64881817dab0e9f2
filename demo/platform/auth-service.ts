import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { metrics } from '@opentelemetry/api'
import { urlOf } from './hosts.ts'
import { call, isOn, Refusal, serve } from './service.ts'
import { around, inSpan, log, query, redis, sleep } from './spans.ts'

const meter = metrics.getMeter('auth-service')
const hits = meter.createCounter('jwt.cache.hits', { description: 'Validations that found the public key in the cache' })
const misses = meter.createCounter('jwt.cache.misses', { description: 'Validations that fetched the public key' })

/** How long a key that was fetched is kept, in seconds. */
const usualTtl = 3_600
let cached: { key: KeyObject, until: number } | undefined

serve({
  'POST /token/verify': ({ body }) => inSpan('Token Validation', {}, async (span) => {
    const token = String(body.token ?? '')
    const key = await publicKey()
    const claims = readToken(token, key)
    if (!claims) {
      log('warn', 'token refused: signature or expiry')
      return { status: 401, body: { error: 'the token is not valid' } }
    }
    span.setAttribute('api.client.id', claims.sub)
    await query('SELECT client_grants', around(isOn('slow-grants') ? 600 : 8), 'SELECT scope FROM client_grants WHERE client_id = ?')
    return { status: 200, body: { clientId: claims.sub } }
  }),
})

async function publicKey(): Promise<KeyObject> {
  const ttl = isOn('jwt-cache-off') ? 0 : usualTtl
  const found = await redis('GET', 'jwt:keys', async (span) => {
    await sleep(around(1.6))
    const usable = ttl > 0 && cached && cached.until > Date.now() ? cached.key : undefined
    span.setAttribute('db.response.returned_rows', usable ? 1 : 0)
    return usable
  })
  if (found) {
    hits.add(1)
    return found
  }
  misses.add(1)
  const { status, body } = await call(urlOf('keys.example', '/.well-known/jwks.json'), { method: 'GET' })
  if (status !== 200) throw new Refusal(503, 'the signing keys cannot be fetched', 'KeysUnavailable')
  const key = createPublicKey({ key: (body.keys as JsonWebKey[])[0]!, format: 'jwk' })
  log('info', `signing key fetched, jwt.cache.ttl=${ttl}`)
  if (ttl > 0) {
    cached = { key, until: Date.now() + ttl * 1_000 }
    await redis('SET', 'jwt:keys', () => sleep(around(1.8)))
  }
  return key
}

function readToken(token: string, key: KeyObject): { sub: string } | undefined {
  const [head, payload, signature] = token.split('.')
  if (!head || !payload || !signature) return undefined
  const isSigned = verify('sha256', Buffer.from(`${head}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  if (!isSigned) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string, exp: number }
  return claims.exp * 1_000 > Date.now() ? claims : undefined
}
