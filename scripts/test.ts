import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { findChromium } from './chromium.ts'

/**
 * `npm test`: lint, types, unit, contract and component tests, build, browser tests against the built app. One step
 * after the other, because two cores do not build and check types at once. The last line counts what passed.
 */
const results = { passed: 0, failed: 0 }
const reports = { vitest: 'test-results/vitest.json', playwright: 'test-results/playwright.json' }
for (const report of Object.values(reports)) rmSync(report, { force: true })

await step('lint', 'eslint', ['.', '--cache', '--cache-location', 'node_modules/.cache/eslint'])
await step('types', 'nuxt', ['typecheck'])
await step('unit, contract and component tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reports.vitest}`])
// At once: the browser tests clear the folder.
count(reports.vitest)
await step('build', 'nuxt', ['build'])
const chromium = await findChromium()
await step('browser tests', '@playwright/test', ['test', '--reporter=line,json'], {
  CHROMIUM_PATH: chromium,
  PLAYWRIGHT_JSON_OUTPUT_NAME: reports.playwright,
})
count(reports.playwright)

console.log(`${results.passed} passed, ${results.failed} failed`)
process.exit(results.failed ? 1 : 0)

async function step(name: string, tool: string, args: string[], env: Record<string, string | undefined> = {}) {
  console.log(`\n── ${name}`)
  const child = spawn(process.execPath, [binOf(tool), ...args], { stdio: 'inherit', env: { ...process.env, ...env } })
  const code = await new Promise<number | null>(done => child.on('exit', done))
  if (code !== 0) results.failed += 1
  // Browser tests of a build that failed would test the last one.
  if (code !== 0 && name === 'build') {
    console.log(`${results.passed} passed, ${results.failed} failed`)
    process.exit(1)
  }
}

function binOf(tool: string): string {
  const require = createRequire(import.meta.url)
  const path = require.resolve.paths(tool)!.map(folder => `${folder}/${tool}/package.json`).find(existsSync)!
  const { bin } = JSON.parse(readFileSync(path, 'utf8')) as { bin: string | Record<string, string> }
  return path.replace(/package\.json$/, typeof bin === 'string' ? bin : bin[tool.split('/').at(-1)!] ?? Object.values(bin)[0]!)
}

interface Report { numPassedTests?: number, numFailedTests?: number, stats?: { expected: number, unexpected: number, flaky: number } }

/** Vitest's report has totals; Playwright's counts outcomes. A failed step counts once more, so nothing hides. */
function count(path: string) {
  if (!existsSync(path)) return
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  results.passed += report.numPassedTests ?? (report.stats ? report.stats.expected + report.stats.flaky : 0)
  if (report.numFailedTests) results.failed += report.numFailedTests - 1
  if (report.stats?.unexpected) results.failed += report.stats.unexpected - 1
}
