import { randomBytes } from 'node:crypto'
import { defineNitroPlugin } from 'nitropack/runtime'
import { readConfig } from '#server/config'

/**
 * Strict headers on every answer, a fresh nonce on every page. The nonce goes to the elements of head and the ends of
 * body that Nuxt wrote, never to `body` itself, which holds what users and senders typed.
 */
export default defineNitroPlugin((nitro) => {
  const { secure } = readConfig(process.env)

  nitro.hooks.hook('request', (event) => {
    event.context.nonce = randomBytes(16).toString('base64')
    for (const [name, value] of Object.entries(everyAnswer)) event.node.res.setHeader(name, value)
    if (secure) event.node.res.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains')
    // Pages replace this; whatever is not a page needs nothing at all.
    event.node.res.setHeader('content-security-policy', `default-src 'none'; frame-ancestors 'none'; base-uri 'none'`)
  })

  nitro.hooks.hook('render:html', (html, { event }) => {
    const nonce: string = event.context.nonce
    const bless = (chunk: string) => chunk.replace(/<(script|style|link)(?=[\s>])/g, `<$1 nonce="${nonce}"`)
    for (const part of ['head', 'bodyPrepend', 'bodyAppend'] as const) html[part] = html[part].map(bless)
    // The drawer inside Nuxt UI writes its style element with the nonce it finds here.
    html.head.push(`<meta property="csp-nonce" content="${nonce}">`)
  })

  nitro.hooks.hook('render:response', (response, { event }) => {
    event.node.res.setHeader('content-security-policy', pagePolicy(event.context.nonce))
    event.node.res.setHeader('cache-control', 'no-store')
    delete response.headers?.['x-powered-by']
  })
})

const everyAnswer = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
  'x-frame-options': 'DENY',
}

function pagePolicy(nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src-elem 'self' 'nonce-${nonce}'`,
    // Server-rendered bars are placed by style attributes.
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
    `report-uri /api/csp-report`,
  ].join('; ')
}
