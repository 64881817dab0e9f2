import type { Page } from '@playwright/test'
import { emailOf, password } from './support/accounts.ts'
import { expect, hydrated, test } from './support/test.ts'

/** No script arrives until what this gives is called. */
async function holdScripts(page: Page): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  await page.route('**/_nuxt/*.js', async (route) => {
    await promise
    await route.continue()
  })
  return () => resolve(undefined)
}

const unique = () => Math.random().toString(36).slice(2, 8)

test.describe('signing in', () => {
  test('says what is wrong, keeps what was typed and then lets in', async ({ page, expectFault }) => {
    expectFault(/status of 401/)
    await page.goto('/login?next=/account')
    await hydrated(page)
    await page.getByLabel('E-mail').fill(emailOf('viewer'))
    await page.getByLabel('Password', { exact: true }).fill('this is not the one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert')).toHaveText('E-mail or password is wrong.')
    await expect(page.getByLabel('E-mail')).toHaveValue(emailOf('viewer'))

    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL('/account')
    await expect(page.getByRole('heading', { name: 'My account', level: 1 })).toBeVisible()
  })

  test('keeps what was typed while its scripts were still on their way', async ({ page }) => {
    const release = await holdScripts(page)
    await page.goto('/login?next=/account', { waitUntil: 'commit' })
    await page.getByLabel('E-mail').fill(emailOf('viewer'))
    release()
    await hydrated(page)
    await expect(page.getByLabel('E-mail')).toHaveValue(emailOf('viewer'))
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL('/account')
  })

  test('waits for its scripts when it was sent before they came', async ({ page }) => {
    const release = await holdScripts(page)
    await page.goto('/login?next=/account', { waitUntil: 'commit' })
    await page.getByLabel('E-mail').fill(emailOf('viewer'))
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL('/login?next=/account')
    release()
    await expect(page).toHaveURL('/account')
  })

  test('leads nowhere else than to a page of this app', async ({ page }) => {
    await page.goto('/login?next=//evil.example/x')
    await hydrated(page)
    await page.getByLabel('E-mail').fill(emailOf('viewer'))
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL('/')
  })
})

test('an admin invites somebody, who chooses a password by link; the trail tells of both', async ({ page, browser, signedInAs }) => {
  const name = `Ida ${unique()}`
  const email = `${unique()}@bongsu.example`
  await signedInAs('admin')
  await page.goto('/admin/users')
  await hydrated(page)
  await page.getByRole('button', { name: 'Invite user' }).click()
  await page.getByRole('button', { name: 'Make invitation link' }).click()
  await expect(page.getByText('Choose at least 1.')).toBeVisible()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('checkbox', { name: 'Support' }).check()
  await page.getByRole('button', { name: 'Make invitation link' }).click()
  const link = await page.locator('code').textContent()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Invited')

  const other = await browser.newContext()
  const theirs = await other.newPage()
  await theirs.goto(link!)
  await expect(theirs).toHaveURL('/reset')
  await hydrated(theirs)
  const field = theirs.getByLabel('New password')
  await field.fill('bongsu bongsu bongsu')
  await theirs.getByRole('button', { name: 'Set password' }).click()
  await expect(theirs.getByText('Choose another password')).toBeVisible()
  await field.fill('seven quiet herons')
  await theirs.getByRole('button', { name: 'Set password' }).click()
  await theirs.getByRole('link', { name: 'To sign-in' }).click()
  await expect(theirs.getByLabel('E-mail')).toHaveValue(email)
  await theirs.getByLabel('Password', { exact: true }).fill('seven quiet herons')
  await theirs.getByRole('button', { name: 'Sign in' }).click()
  await expect(theirs.getByRole('button', { name })).toBeVisible()
  await other.close()

  await page.goto('/admin/audit')
  await expect(page.getByText('The chain holds.')).toBeVisible()
  await expect(page.getByText(`Invited ${name}`, { exact: true })).toBeVisible()
})

test('changes of rights collect and are told in words before they are saved', async ({ page, signedInAs, apiAs }) => {
  const name = `Night ${unique()}`
  await (await apiAs('admin')).post('/api/roles', { data: { name, permissions: ['status:read'] } })
  await signedInAs('admin')
  await page.goto('/admin/roles')
  await hydrated(page)
  await expect(page.getByRole('checkbox', { name: 'Administrator: read logs' })).toBeDisabled()

  await page.getByRole('checkbox', { name: `${name}: read logs` }).check()
  await page.getByRole('checkbox', { name: `${name}: see the status board` }).uncheck()
  await expect(page.getByText('2 cells changed, not saved.')).toBeVisible()
  await expect(page.getByText(`${name} (0 users) may then read logs. ${name} (0 users) may no longer see the status board.`)).toBeVisible()
  await page.getByRole('checkbox', { name: `${name}: see the status board` }).check()
  await expect(page.getByText('1 cell changed, not saved.')).toBeVisible()

  await page.getByRole('button', { name: 'Save 1' }).click()
  await expect(page.getByText('not saved.')).toBeHidden()
  await page.reload()
  await expect(page.getByRole('checkbox', { name: `${name}: read logs` })).toBeChecked()
})

test('an ingest key is shown once and revoked for good', async ({ page, signedInAs }) => {
  const name = `collector-${unique()}`
  await signedInAs('admin')
  await page.goto('/admin/ingest-keys')
  await hydrated(page)
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Value of your own').fill('too short')
  await page.getByRole('button', { name: 'Make key' }).click()
  await expect(page.getByText('This cannot be read.')).toBeVisible()
  await page.getByLabel('Value of your own').fill('')
  await page.getByRole('button', { name: 'Make key' }).click()
  await expect(page.locator('code').first()).toHaveText(/^bongsu_key_[\w-]{43}$/)
  await page.keyboard.press('Escape')

  const row = page.getByRole('row', { name: new RegExp(name) })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await row.getByRole('button', { name: 'Revoke for good' }).click()
  await expect(row).toContainText('Revoked')
})

test('everybody chooses their own language, and it stays', async ({ page, signedInAs, apiAs }) => {
  await signedInAs('support')
  await page.goto('/account')
  await hydrated(page)
  await page.getByLabel('Language').selectOption('ko')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { name: '내 계정', level: 1 })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko')
  await (await apiAs('support')).patch('/api/account', { data: { language: null } })
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the trail is searched by words and days, and the address says how', async ({ page, signedInAs, apiAs }) => {
    const name = `Searched ${unique()}`
    await (await apiAs('admin')).post('/api/roles', { data: { name, permissions: ['status:read'] } })
    await signedInAs('admin')
    await page.goto('/admin/audit')
    await page.getByLabel('Who, what, request id, address').fill(name)
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/text=Searched/)
    await expect(page.getByText(`Added the role ${name}`)).toBeVisible()
    await expect(page.getByRole('row')).toHaveCount(2)
    await page.getByRole('button', { name: 'Period' }).click()
    await page.getByLabel('To', { exact: true }).fill('2020-01-01')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/text=Searched.*to=2020-01-01/)
    await expect(page.getByText('No row fits this filter.')).toBeVisible()
    await page.getByRole('link', { name: 'Clear' }).click()
    await expect(page).toHaveURL(/\/admin\/audit$/)
  })
})
