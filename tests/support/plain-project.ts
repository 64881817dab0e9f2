import { fileURLToPath } from 'node:url'
import type { TestProjectConfiguration } from 'vitest/config'
import { migrationsPlugin } from '../../scripts/migrations-plugin.ts'
import { serverAliases, workerPlugin } from '../../scripts/worker-plugin.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Tests of plain code under `tests/<name>`: the server's aliases and virtual modules, no Nuxt. */
export function plainProject(name: string): Exclude<TestProjectConfiguration, string | Promise<unknown> | ((...args: never[]) => unknown)> {
  return {
    plugins: [workerPlugin({ writeTo: `${root}node_modules/.cache/workers` }), migrationsPlugin()],
    resolve: { alias: { ...serverAliases, '#api-routes': `${root}tests/support/api-routes.ts` } },
    test: {
      name,
      environment: 'node',
      include: [`tests/${name}/**/*.test.ts`],
      setupFiles: ['tests/support/no-noise.ts'],
      // Bounds a test that hangs; how fast things are is the benches' business.
      testTimeout: 30_000,
    },
  }
}
