import { startRecordedPrometheus } from '../support/recorded-backend.ts'
import { expectAccessible } from './support/accessible.ts'
import { startOwnApp } from './support/own-app.ts'
import { expect, hydrated, test } from './support/test.ts'

test('an empty Prometheus is not a missing first service, and one that is away is not an empty one', async ({ page, context }) => {
  const prometheus = await startRecordedPrometheus({ metrics: {} })
  const app = await startOwnApp({ NUXT_PROMETHEUS_URL: prometheus.url })
  try {
    const { setCookie } = await app.ask('/api/setup', { method: 'POST', body: { token: app.setupToken, name: 'Ada', email: 'ada@example.com', password: 'lanterns over dark water' } })
    const [name, value] = setCookie!.split('=', 2) as [string, string]
    await context.addCookies([{ name, value, url: app.origin, httpOnly: true, sameSite: 'Strict' }, { name: 'bongsu-language', value: 'en', url: app.origin, sameSite: 'Strict' }])

    await page.goto(app.origin)
    await hydrated(page)
    await expect(page.getByRole('heading', { name: 'Prometheus answers, but no request is counted in it yet' })).toBeVisible()
    await expect(page.getByRole('main').getByRole('link', { name: 'Data sources' })).toBeVisible()
    await expectAccessible(page)

    prometheus.close()
    // Under the open page, by itself.
    await expect(page.getByRole('heading', { name: 'Which services there are is not known now' })).toBeVisible({ timeout: 60_000 })
    await page.goto(`${app.origin}/consumers`)
    await expect(page.getByText('Who called in this time is not known now.')).toBeVisible()
  }
  finally {
    await page.close()
    await app.close()
    prometheus.close()
  }
})
