import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import { plainProject } from '../support/plain-project.ts'

/** `npm run test:backends`: what needs real backends. One file after the other, because they share them. */
export default mergeConfig(plainProject('backends'), defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    globalSetup: ['tests/backends/launch/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 300_000,
  },
}))
