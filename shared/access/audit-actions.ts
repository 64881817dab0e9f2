import type { Messages } from '../text/catalogue'
import { audit as en } from '../text/en/audit'
import { audit as ko } from '../text/ko/audit'

/** What the catalogue holds beside sentences. */
const others = new Set(['subject', 'field', 'value'])
const sentences = [en, ko].flatMap(catalogue => Object.entries(catalogue).flatMap(([name, message]) => (others.has(name) ? [] : flat(message, name))))

/** Actions whose sentence says this in either language: people search for what they read. */
export function auditActionsSaying(words: string): string[] {
  const wanted = words.toLowerCase()
  return [...new Set(sentences.filter(({ says }) => says.includes(wanted)).map(({ action }) => action))]
}

function flat(message: Messages[string], action: string): { action: string, says: string }[] {
  if (typeof message === 'string') return [{ action, says: message.replaceAll(/\{\w+\}/g, ' ').toLowerCase() }]
  return Object.entries(message).flatMap(([name, part]) => flat(part as Messages[string], `${action}.${name}`))
}
