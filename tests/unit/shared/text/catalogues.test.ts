import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorStatus } from '#shared/errors'
import type { Message, Messages } from '#shared/text/catalogue'
import { en } from '#shared/text/en'
import { ko } from '#shared/text/ko'

const flat = (messages: Messages, prefix = ''): Map<string, Message> => new Map(Object.entries(messages).flatMap(([key, value]) =>
  typeof value === 'string' || 'other' in value
    ? [[prefix + key, value as Message] as const]
    : [...flat(value as Messages, `${prefix}${key}.`)]))
const placeholders = (message: Message) => {
  const words = typeof message === 'string' ? message : `${message.one ?? ''} ${message.other}`
  return [...new Set([...words.matchAll(/\{(\w+)/g)].map(match => match[1]))].sort()
}

const english = flat(en)
const korean = flat(ko)

describe('the catalogues', () => {
  it('have one file a room, named like it: browsers fetch them one by one', () => {
    for (const [language, catalogue] of Object.entries({ en, ko })) {
      const files = readdirSync(`shared/text/${language}`).filter(file => file !== 'index.ts').map(file => file.slice(0, -'.ts'.length))
      expect(files.sort()).toEqual(Object.keys(catalogue).sort())
    }
  })

  it('have the same keys in both languages', () => {
    expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('fill no placeholder in one language that the other does not know', () => {
    // A plural's count may be spelled out in one language and left to the words in the other.
    const strange = [...english].filter(([key, message]) => {
      const here = placeholders(message)
      const there = placeholders(korean.get(key)!)
      return there.some(name => !here.includes(name) && name !== 'count') || here.some(name => !there.includes(name) && name !== 'count')
    })
    expect(strange.map(([key]) => key)).toEqual([])
  })

  it('have a sentence for every error code', () => {
    expect(Object.keys(errorStatus).filter(code => !english.has(`error.${code}`))).toEqual([])
  })

  it('leave no message empty', () => {
    expect([...english, ...korean].filter(([, message]) => !(typeof message === 'string' ? message : message.other).trim())).toEqual([])
  })
})
