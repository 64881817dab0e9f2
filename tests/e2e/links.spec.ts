import type { Page } from '@playwright/test'
import { expect, hydrated, test } from './support/test.ts'

const mark = (page: Page) => page.evaluate(() => ((window as { kept?: boolean }).kept = true))
const isKept = (page: Page) => page.evaluate(() => (window as { kept?: boolean }).kept === true)

test.beforeEach(({ signedInAs }) => signedInAs('operator'))

test('a link leads within the app: the document stays, history and range go along', async ({ page }) => {
  await page.goto('/?range=15m')
  await hydrated(page)
  await mark(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Traces' }).click()
  await expect(page).toHaveURL(/\/traces\?range=15m$/)
  await page.goBack()
  await expect(page).toHaveURL(/\/\?range=15m$/)
  expect(await isKept(page)).toBe(true)
})

test('what the browser does better is left to it: a new tab, the way past the menu', async ({ context, page }) => {
  await page.goto('/')
  await hydrated(page)
  await mark(page)
  const logs = page.getByRole('navigation').getByRole('link', { name: 'Logs' })
  const [tab] = await Promise.all([context.waitForEvent('page'), logs.click({ modifiers: ['ControlOrMeta'] })])
  await expect(tab).toHaveURL(/\/logs/)
  await expect(page).toHaveURL(/\/$/)

  await page.keyboard.press('Tab')
  await page.getByRole('link', { name: /skip/i }).press('Enter')
  await expect(page).toHaveURL(/#content$/)
  expect(await isKept(page)).toBe(true)
})

test('a link works before and without any script', async ({ browser, context }) => {
  const bare = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() })
  const page = await bare.newPage()
  await page.goto('/')
  await page.getByRole('navigation').getByRole('link', { name: /Traces|트레이스/ }).click()
  await expect(page).toHaveURL(/\/traces/)
  await bare.close()
})
