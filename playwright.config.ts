import { defineConfig } from '@playwright/test'

const port = Number(process.env.E2E_PORT ?? 3990)
const otlpPort = port + 1
export const origin = `http://127.0.0.1:${port}`

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // One app, one data directory: tests create what they need and leave each other alone.
  workers: 1,
  globalSetup: './tests/e2e/support/global-setup.ts',
  use: {
    baseURL: origin,
    locale: 'en-GB',
    timezoneId: 'Asia/Seoul',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || undefined,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    command: `${process.execPath} .output/server/index.mjs`,
    url: `${origin}/api/health`,
    env: { PORT: String(port), NUXT_OTLP_PORT: String(otlpPort), NUXT_DATA_DIR: process.env.E2E_DATA_DIR ?? '.data/e2e', NUXT_LOG_LEVEL: 'warn' },
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    timeout: 60_000,
  },
})
