import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig } from 'vitest/config'
import { plainProject } from './tests/support/plain-project.ts'

/** Whether the command line names files of these projects and nothing else. */
function namesOnly(...projects: string[]): boolean {
  const paths = process.argv.slice(2).filter(argument => argument.startsWith('tests/'))
  return paths.length > 0 && paths.every(path => projects.some(project => path.startsWith(`tests/${project}`)))
}

export default defineConfig({
  test: {
    projects: [
      plainProject('unit'),
      plainProject('contract'),
      // Loading Nuxt takes seconds, so a run that names other tests goes without. The first mount pays for the library.
      ...(namesOnly('unit', 'contract') ? [] : [await defineVitestProject({
        test: { name: 'nuxt', environment: 'nuxt', include: ['tests/nuxt/**/*.test.ts'], setupFiles: ['tests/support/no-noise.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      })]),
    ],
  },
})
