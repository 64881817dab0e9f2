import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

const port = Number(process.env.E2E_PORT ?? 3990)
const otlpPort = port + 1
export const origin = `http://127.0.0.1:${port}`
export const otlp = `http://127.0.0.1:${otlpPort}`

// The app starts before anything else, so its empty data directory is made here: once, not in every worker.
if (!process.env.E2E_DATA_DIR) {
  const dataDir = process.env.E2E_DATA_DIR = mkdtempSync(join(tmpdir(), 'bongsu-e2e-'))
  process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }))
}

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // A busy machine may stall a test once; a second failure is a failure.
  retries: process.env.CI ? 1 : 0,
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
    // The set-up link is printed once it answers; its token becomes SETUP_TOKEN.
    wait: { stdout: /\/setup#(?<setup_token>[\w-]+)/ },
    env: { PORT: String(port), NUXT_OTLP_PORT: String(otlpPort), NUXT_OTLP_GRPC_PORT: String(port + 2), NUXT_DATA_DIR: process.env.E2E_DATA_DIR },
    stdout: 'ignore',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    timeout: 60_000,
  },
})
