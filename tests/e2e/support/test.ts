import { test as base, type APIRequestContext, type Page } from '@playwright/test'
import { origin } from '../../../playwright.config.ts'
import { seeded, type Role } from './accounts.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  /** Whoever has this role, signed in. Call it before the first page is opened. */
  signedInAs: (role: Role) => Promise<void>
  /** The public API as someone of this role. */
  apiAs: (role: Role) => Promise<APIRequestContext>
  /** Faults that this test provokes: what a console line may say without failing it. */
  expectFault: (fault: RegExp) => void
  watch: undefined
}

declare global {
  interface Window { blockedByPolicy?: string[] }
}

/**
 * Every test fails on a console error, an exception in the page, a hydration mismatch and anything the content security
 * policy blocked. A test that provokes one says so with `expectFault`.
 */
export const test = base.extend<Fixtures & { faults: RegExp[] }>({
  // eslint-disable-next-line no-empty-pattern
  faults: async ({}, use) => use([]),
  expectFault: async ({ faults }, use) => use(fault => void faults.push(fault)),

  watch: [async ({ context, faults }, use) => {
    const seen: string[] = []
    const pages = new Set<Page>()
    await context.addInitScript(() => {
      window.blockedByPolicy = []
      document.addEventListener('securitypolicyviolation', event => window.blockedByPolicy!.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))
    })
    context.on('page', page => pages.add(page))
    context.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' || /hydration|mismatch/i.test(text)) seen.push(`console: ${text} (${message.location().url})`)
    })
    context.on('weberror', error => seen.push(`exception: ${error.error().message}`))
    await use(undefined)
    for (const page of pages) {
      if (page.isClosed()) continue
      const blocked = await page.evaluate(() => window.blockedByPolicy ?? []).catch(() => [])
      seen.push(...blocked.map(what => `blocked by the policy: ${what}`))
    }
    const unexpected = seen.filter(line => !faults.some(fault => fault.test(line)))
    if (unexpected.length) throw new Error(`The page complained:\n${unexpected.join('\n')}\nIf a test provokes this, it says so with expectFault.`)
  }, { auto: true }],

  signedInAs: async ({ context }, use) => use(async (role) => {
    const [name, value] = seeded().sessions[role].split('=', 2) as [string, string]
    await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: 'Strict' }, { name: 'bongsu-language', value: 'en', url: origin, sameSite: 'Strict' }])
  }),

  apiAs: async ({ playwright }, use) => {
    const open: APIRequestContext[] = []
    await use(async (role) => {
      const context = await playwright.request.newContext({ baseURL: origin, extraHTTPHeaders: { 'cookie': seeded().sessions[role], origin, 'accept-language': 'en' } })
      open.push(context)
      return context
    })
    await Promise.all(open.map(context => context.dispose()))
  },
})

/** What a browser and Nuxt say of a page that was refused or is not there. */
export const refusedPage = /status of 40[34]|NUXT_E1005/

/** The page's own code has taken over: until then keys and drags are not heard. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as { useNuxtApp?: () => { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false)
}
