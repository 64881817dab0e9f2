import { fileURLToPath } from 'node:url'
import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'
import { migrationsPlugin } from './scripts/migrations-plugin.ts'
import { serverAliases, workerPlugin } from './scripts/worker-plugin.ts'

const cache = fileURLToPath(new URL('node_modules/.cache/workers', import.meta.url))

const plain = (name: string): TestProjectConfiguration => ({
  plugins: [workerPlugin({ writeTo: cache }), migrationsPlugin()],
  resolve: { alias: { ...serverAliases, '#api-routes': fileURLToPath(new URL('tests/support/api-routes.ts', import.meta.url)) } },
  test: {
    name,
    environment: 'node',
    include: [`tests/${name}/**/*.test.ts`],
    setupFiles: ['tests/support/no-noise.ts'],
    // Bounds a test that hangs; how fast things are is the benches' business.
    testTimeout: 30_000,
  },
})

/** Whether the command line names files of these projects and nothing else. */
function namesOnly(...projects: string[]): boolean {
  const paths = process.argv.slice(2).filter(argument => argument.startsWith('tests/'))
  return paths.length > 0 && paths.every(path => projects.some(project => path.startsWith(`tests/${project}`)))
}

export default defineConfig({
  test: {
    projects: [
      plain('unit'),
      plain('contract'),
      // Loading Nuxt takes seconds, so a run that names other tests goes without. The first mount pays for the library.
      ...(namesOnly('unit', 'contract') ? [] : [await defineVitestProject({
        test: { name: 'nuxt', environment: 'nuxt', include: ['tests/nuxt/**/*.test.ts'], setupFiles: ['tests/support/no-noise.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      })]),
    ],
  },
})
