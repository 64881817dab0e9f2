import type { Micros } from '../units'
import type { KeyOf, Message, Messages } from './catalogue'
import type { en } from './en'
import { formatBytes, formatClock, formatCount, formatDay, formatDurationInWords, formatRatio, formatTimeOfDay, formatTimes } from './format'
import type { Language } from './languages'
import { particle } from './particle'

export type TextKey = KeyOf<typeof en>

/** What may fill a placeholder; figures and times are written in the reader's way when the sentence is. */
export type TextParam
  = | string | number | null | undefined
    | { micros: Micros } | { ratio: number } | { times: number } | { bytes: number }
    /** ISO 8601; written as a clock time. */
    | { at: string, precision?: 'minute' | 'second' | 'ms' }
    /** ISO 8601; written as a day. */
    | { day: string }
    /** ISO 8601; written as people say it: `오후 2시 18분`, `2:18 pm`. */
    | { time: string }
    /** What people named in both languages; the other one where one is empty. */
    | { ko: string, en: string }
    /** Another text, itself in the reader's language. */
    | { text: TextKey, params?: TextParams }

export type TextParams = Record<string, TextParam>

/** A sentence of the server: stored and sent as this, written only for its reader. */
export interface Sentence {
  code: TextKey
  params?: TextParams
}

export interface Reader {
  language: Language
  /** IANA name. */
  zone: string
}

/**
 * The one way from key to words. Placeholders are `{name}`, or `{name|을/를}` for a Korean particle after the value;
 * `count` also picks the plural form. An unknown key is shown as itself: visible in a test, harmless to a reader.
 */
export type Text = ((key: TextKey, params?: TextParams) => string) & Reader & { sentence: (sentence: Sentence) => string }

const pluralRules: Record<Language, Intl.PluralRules> = { en: new Intl.PluralRules('en'), ko: new Intl.PluralRules('ko') }

/**
 * `has` is asked for the room of every text that is written, its key's first part: false where the room's messages are
 * still on their way, and then nothing is shown in its place.
 */
export function createText(messages: Messages, reader: Reader, { now = () => new Date(), has }: { now?: () => Date, has?: (room: string) => boolean } = {}): Text {
  const plural = pluralRules[reader.language]

  function write(key: string, params: TextParams = {}): string {
    if (has?.(key.slice(0, key.indexOf('.'))) === false) return ''
    const message = find(messages, key)
    if (message === undefined) return key
    return fill(typeof message === 'string' ? message : pick(message, params), params)
  }

  function pick(message: Exclude<Message, string>, params: TextParams): string {
    return plural.select(Number(params.count ?? 0)) === 'one' ? message.one ?? message.other : message.other
  }

  function fill(template: string, params: TextParams): string {
    return template.replace(/\{(\w+)(?:\|([^/}]+)\/([^}]+))?\}/g, (_, name: string, withFinal?: string, withoutFinal?: string) => {
      const value = show(params[name])
      return withFinal && withoutFinal ? value + particle(value, withFinal, withoutFinal) : value
    })
  }

  function show(value: TextParam): string {
    if (value === null || value === undefined) return '–'
    if (typeof value === 'string') return value
    if (typeof value === 'number') return Number.isInteger(value) ? formatCount(value, reader.language) : String(value)
    if ('micros' in value) return formatDurationInWords(value.micros, reader.language)
    if ('ratio' in value) return formatRatio(value.ratio)
    if ('times' in value) return formatTimes(value.times, reader.language)
    if ('bytes' in value) return formatBytes(value.bytes)
    if ('at' in value) return formatClock(new Date(value.at), reader.zone, value.precision)
    if ('day' in value) return formatDay(new Date(value.day), reader.zone, reader.language, now())
    if ('time' in value) return formatTimeOfDay(new Date(value.time), reader.zone, reader.language)
    if ('ko' in value) return value[reader.language] || value.ko || value.en
    return write(value.text, value.params)
  }

  const text = Object.assign(write as (key: TextKey, params?: TextParams) => string, reader, {
    sentence: ({ code, params }: Sentence) => write(code, params),
  })
  // Asked for each time: a browser may say only after the page was written where its reader lives.
  return Object.defineProperty(text, 'zone', { get: () => reader.zone })
}

const found = new WeakMap<Messages, Map<string, Message | undefined>>()

/** Looked for once: a page asks for the same few hundred again and again. */
function find(messages: Messages, key: string): Message | undefined {
  let known = found.get(messages)
  if (!known) found.set(messages, known = new Map())
  if (known.has(key)) return known.get(key)
  const message = lookUp(messages, key)
  // Keys may hold what callers sent; only those of the catalogue are kept.
  if (message !== undefined) known.set(key, message)
  return message
}

function lookUp(messages: Messages, key: string): Message | undefined {
  let node: Message | Messages | undefined = messages
  for (const part of key.split('.')) {
    if (typeof node !== 'object') return undefined
    node = (node as Messages)[part]
  }
  return typeof node === 'string' || (node && 'other' in node) ? node as Message : undefined
}
