import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { en } from '#shared/text/en'
import { ko } from '#shared/text/ko'
import { createText, type TextKey } from '#shared/text/text'

const server = fileURLToPath(new URL('../../../../server', import.meta.url))

/** Every action that the server's code names, plain or as one of two. */
const actions = readdirSync(server, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts'))
  .flatMap(path => [...readFileSync(join(server, path), 'utf8').matchAll(/action: (?:[\w.]+ \? )?'([\w.]+)'(?: : '([\w.]+)')?/g)])
  .flatMap(match => [match[1]!, match[2] ?? []].flat())

describe('the audit trail\'s sentences', () => {
  it.each([...new Set(actions)])('exist for %s in both languages', (action) => {
    for (const [language, messages] of [['en', en], ['ko', ko]] as const) {
      const key = `audit.${action}` as TextKey
      expect(createText(messages, { language, zone: 'UTC' })(key)).not.toBe(key)
    }
  })

  it('were looked for where actions are', () => {
    expect(actions).toContain('user.create')
    expect(actions).toContain('route.unignore')
  })
})
