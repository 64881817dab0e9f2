import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

const cwd = fileURLToPath(new URL('../..', import.meta.url))
const eslint = new ESLint({ cwd })

async function complaints(filePath: string, code: string) {
  const [result] = await eslint.lintText(code, { filePath: `${cwd}${filePath}` })
  return result!.messages.map(message => message.ruleId)
}

// Loading the rules takes longer than a test usually may.
describe('who may import what', { timeout: 60_000 }, () => {
  it.each([
    ['shared/x.ts', `import { ref } from 'vue'\nexport const x = ref`],
    ['shared/x.ts', `import { readFileSync } from 'node:fs'\nexport const x = readFileSync`],
    ['shared/x.ts', `import { x } from '../server/clock'\nexport { x }`],
    ['server/registry/x.ts', `import { getQuery } from 'h3'\nexport { getQuery }`],
    ['server/registry/x.ts', `import { log } from '#server/http/log'\nexport { log }`],
    ['server/registry/x.ts', `import { x } from '#server/access/passwords'\nexport { x }`],
    ['server/registry/x.ts', `import { x } from '#server/telemetry/embedded/receiver'\nexport { x }`],
    ['server/telemetry/zipkin/x.ts', `import { x } from '../embedded/reader'\nexport { x }`],
    ['server/telemetry/zipkin/x.ts', `import { x } from '#server/db/client'\nexport { x }`],
    ['server/api/x.get.ts', `import { eq } from 'drizzle-orm'\nexport { eq }`],
    ['server/api/x.get.ts', `import { x } from '#server/registry/registry'\nexport { x }`],
    ['components/x/X.ts', `import { x } from '#server/clock'\nexport { x }`],
    ['pages/x.vue', `<script setup lang="ts">\nimport { x } from '#server/clock'\n</script>\n\n<template>\n  <div>{{ x }}</div>\n</template>\n`],
    ['demo/x.ts', `import { x } from '#shared/units'\nexport { x }`],
  ])('%s may not say %j', async (path, code) => {
    expect(await complaints(path, `${code}\n`)).toContain('no-restricted-imports')
  })

  it.each([
    ['server/registry/x.ts', `import { recordAudit } from '#server/access/audit'\nimport type { MetricSource } from '#server/telemetry/ports'\nexport { recordAudit, type MetricSource }`],
    ['server/api/x.get.ts', `import { defineApiHandler } from '#server/http/define-api-handler'\nexport { defineApiHandler }`],
    ['shared/x.ts', `import { z } from 'zod'\nimport { SECOND } from './units'\nexport const x = z.literal(SECOND)`],
  ])('%s may say %j', async (path, code) => {
    expect(await complaints(path, `${code}\n`)).not.toContain('no-restricted-imports')
  })

  it('takes the time from the clock, in server and shared alike', async () => {
    expect(await complaints('server/registry/x.ts', 'export const x = Date.now()\n')).toContain('no-restricted-syntax')
    expect(await complaints('shared/x.ts', 'export const x = () => setTimeout(() => {}, 5)\n')).toContain('no-restricted-syntax')
  })
})

describe('SE-03 comparing secrets', { timeout: 60_000 }, () => {
  it.each([
    'given === user.passwordHash', 'token !== given', 'given == expectedSignature', 'digest(given) === stored', 'hasher.digest(given) === stored',
    'row?.secret === given', 'row.secret! === given', 'given === (row.secret as string)', `headers['cookie'] === given`, 'apiKey === given',
  ])('server/x.ts may not say %s', async (comparison) => {
    for (const path of ['server/access/x.ts', 'server/http/x.ts', 'server/entry.ts']) expect(await complaints(path, `export const x = ${comparison}\n`)).toContain('no-restricted-syntax')
  })

  it.each(['token === undefined', 'null !== user.passwordHash', 'typeof token === \'string\'', 'token.length === 32', 'isSameSecret(token, given)', 'tokens === given'])('server/x.ts may say %s', async (comparison) => {
    expect(await complaints('server/access/x.ts', `export const x = ${comparison}\n`)).not.toContain('no-restricted-syntax')
  })
})
