import { fileURLToPath } from 'node:url'
import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { migrationsPlugin } from './scripts/migrations-plugin.ts'
import { serverAliases, workerPlugin } from './scripts/worker-plugin.ts'

const cache = fileURLToPath(new URL('node_modules/.cache/workers', import.meta.url))

const plain = (name: string): TestProjectConfiguration => ({
  plugins: [workerPlugin({ writeTo: cache }), migrationsPlugin()],
  resolve: { alias: serverAliases },
  test: {
    name,
    environment: 'node',
    include: [`tests/${name}/**/*.test.ts`],
    setupFiles: ['tests/support/no-noise.ts'],
  },
})

export default defineConfig({
  test: {
    projects: [
      plain('unit'),
      plain('contract'),
      // The first mount pays for the whole component library.
      await defineVitestProject({
        test: { name: 'nuxt', environment: 'nuxt', include: ['tests/nuxt/**/*.test.ts'], setupFiles: ['tests/support/no-noise.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      }),
    ],
  },
})
