import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seeded, roles } from './support/accounts.ts'
import { expect, test } from './support/test.ts'

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const golden = inRoot('tests/e2e/access-pages.txt')

test('AZ-01: the build answers exactly the routes of the reviewed table, with the rights they need there', async ({ apiAs }) => {
  const { paths } = await (await (await apiAs('admin')).get('/api/openapi.json')).json() as { paths: Record<string, Record<string, { 'x-permission': string, 'x-scope'?: string }>> }
  const built = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) =>
    `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')} ${operation['x-permission']}${operation['x-scope'] ? ` (${operation['x-scope']})` : ''}`))
  const reviewed = readFileSync(inRoot('tests/contract/access-matrix.txt'), 'utf8').split('\n').slice(1).filter(Boolean)
    .map((line) => {
      const [route, permission] = line.split(/ {2,}/)
      return `${route} ${permission}`
    })
  expect(built.sort()).toEqual(reviewed.sort())
})

test('AZ-02: every page opens for whom the reviewed table says, and for nobody else', async ({ playwright, baseURL }) => {
  test.setTimeout(120_000)
  const pages = (JSON.parse(readFileSync(inRoot('.nuxt/pages.json'), 'utf8')) as { path: string, file: string }[])
    .map(({ path, file }) => ({ path, permission: /definePageMeta\(\{[^}]*permission: '([\w:-]+)'/.exec(readFileSync(inRoot(file), 'utf8'))?.[1] }))
    .sort((a, b) => a.path.localeCompare(b.path))
  expect(pages.filter(page => !page.permission), 'pages that name no permission').toEqual([])

  const callers = { anonymous: undefined, ...seeded().sessions }
  const lines = [['', 'needs', 'anonymous', ...roles]]
  for (const { path, permission } of pages) {
    const verdicts = await Promise.all((['anonymous', ...roles] as const).map(async (caller) => {
      const context = await playwright.request.newContext({ baseURL, extraHTTPHeaders: callers[caller] ? { cookie: callers[caller] } : {} })
      const response = await context.get(path.replace(/:\w+(?:\([^)]*\))?/g, 'x'), { maxRedirects: 0 })
      await context.dispose()
      if (response.headers().location?.startsWith('/login')) return 'sign-in'
      // What stands behind a made-up id is not there; whether it may be asked for is what counts.
      return response.status() === 401 || response.status() === 403 ? String(response.status()) : 'ok'
    }))
    lines.push([path, permission!, ...verdicts])
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  const table = `${lines.map(line => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')}\n`
  // Look at each changed line before accepting it: UPDATE_ACCESS_PAGES=1 writes the table anew.
  if (process.env.UPDATE_ACCESS_PAGES) writeFileSync(golden, table)
  expect(table).toBe(readFileSync(golden, 'utf8'))
})
