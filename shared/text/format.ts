import { DAY, type Micros, type Millis } from '../units'
import type { Language } from './languages'

/** Numbers and times as look and language want them: one place, so that a figure reads alike on every page. */

const counts: Record<Language, Intl.NumberFormat> = { en: new Intl.NumberFormat('en', { maximumFractionDigits: 0 }), ko: new Intl.NumberFormat('ko', { maximumFractionDigits: 0 }) }

/** A formatter costs a thousand times what it writes: one of each kind for a zone, found without a word made for it. */
function perZone(create: (zone: string) => Intl.DateTimeFormat) {
  const formats = new Map<string, Intl.DateTimeFormat>()
  return (zone: string) => {
    let format = formats.get(zone)
    if (!format) formats.set(zone, format = create(zone))
    return format
  }
}

// en-GB writes 24 hours without a day period in every zone.
const clock = (options: Intl.DateTimeFormatOptions) => perZone(timeZone => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...options }))
const clocks = { minute: clock({}), second: clock({ second: '2-digit' }), ms: clock({ second: '2-digit', fractionalSecondDigits: 3 }) }

const day = (language: Language, options: Intl.DateTimeFormatOptions = {}) => perZone(timeZone => new Intl.DateTimeFormat(language, { timeZone, month: language === 'ko' ? 'long' : 'short', day: 'numeric', ...options }))
const days = { en: day('en'), ko: day('ko') }
const daysOfYears = { en: day('en', { year: 'numeric' }), ko: day('ko', { year: 'numeric' }) }
const years = perZone(timeZone => new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric' }))
// Sweden writes ISO 8601 with a space.
const sheetTimes = perZone(timeZone => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }))
const zoneNames = perZone(timeZone => new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'short' }))

/** `8.56 s`, `41.6 s`, `310 ms`, `2 ms`, `840 µs`; minutes from 100 s on. */
export function formatDuration(micros: Micros): string {
  if (micros < 999.5) return `${Math.round(micros)} µs`
  if (micros < 999_500) return `${Math.round(micros / 1_000)} ms`
  const exact = micros / 1_000_000
  if (exact < 99.95) return `${threeDigits(exact)} s`
  // Rounded before it is taken apart: 119.6 s are 2 min, not 1 min 60 s.
  const seconds = Math.round(exact)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(exact / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value))
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

/** The same in running text: `8.00초`, `13분 30초`; `8.00 s`, `13 min 30 s`. */
export function formatDurationInWords(micros: Micros, language: Language): string {
  if (language === 'en') return formatDuration(micros)
  const seconds = micros / 1_000_000
  if (seconds < 1) return formatDuration(micros)
  if (seconds < 59.5) return `${seconds >= 9.95 ? seconds.toFixed(0) : seconds.toFixed(1)}초`
  if (seconds < 60) return '1분'
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 >= 1 ? `${minutes}분 ${Math.floor(seconds % 60)}초` : `${minutes}분`
  return minutes % 60 ? `${Math.floor(minutes / 60)}시간 ${minutes % 60}분` : `${Math.floor(minutes / 60)}시간`
}

/** `4.46%`, `64.0%`, `100%`, `<0.01%`, `0.00%`; less than nothing with the sign that changes of time have: `−0.15%`. */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100
  if (percent < 0) return percent > -0.005 ? '0.00%' : `−${formatRatio(-ratio)}`
  if (percent > 0 && percent < 0.01) return '<0.01%'
  if (percent >= 99.95) return percent === 100 ? '100%' : `${percent.toFixed(1)}%`
  return percent >= 9.995 ? `${percent.toFixed(1)}%` : `${percent.toFixed(2)}%`
}

/** Requests per second: `42.0`, `0.3`, `<0.1`. */
export function formatRate(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.05) return '<0.1'
  return perSecond >= 999.5 ? String(Math.round(perSecond)) : perSecond.toFixed(1)
}

export function formatCount(count: number, language: Language): string {
  return counts[language].format(count)
}

/** How many times the usual: `13.4배`, `×13`. */
export function formatTimes(factor: number, language: Language): string {
  const digits = factor >= 100 ? factor.toFixed(0) : language === 'ko' ? factor.toFixed(1) : factor >= 10 ? factor.toFixed(0) : factor.toFixed(1)
  return language === 'ko' ? `${digits}배` : `×${digits}`
}

/** `14:18:40`; with `precision: 'ms'` `14:18:40.412`, with `'minute'` `14:18`. */
export function formatClock(at: Date, zone: string, precision: 'minute' | 'second' | 'ms' = 'second'): string {
  return clocks[precision](zone).format(at)
}

/** `오후 2시 18분`, `오후 3시`; `2:18 pm`, `3:00 pm`. */
export function formatTimeOfDay(at: Date, zone: string, language: Language): string {
  const [hours, minutes] = formatClock(at, zone, 'minute').split(':').map(Number) as [number, number]
  const hour = hours % 12 || 12
  if (language === 'en') return `${hour}:${String(minutes).padStart(2, '0')} ${hours < 12 ? 'am' : 'pm'}`
  return `${hours < 12 ? '오전' : '오후'} ${hour}시${minutes ? ` ${minutes}분` : ''}`
}

/** The same beside others of its kind: `오후 2:18`, `2:18 pm`. */
export function formatHalfDayClock(at: Date, zone: string, language: Language): string {
  const [hours, minutes] = formatClock(at, zone, 'minute').split(':') as [string, string]
  const time = `${Number(hours) % 12 || 12}:${minutes}`
  return language === 'ko' ? `${Number(hours) < 12 ? '오전' : '오후'} ${time}` : `${time} ${Number(hours) < 12 ? 'am' : 'pm'}`
}

/** For people who pass it on: two digits that count, small numbers as they are. */
export function roughly(count: number): number {
  const step = count < 100 ? 1 : 10 ** (Math.floor(Math.log10(count)) - 1)
  return Math.round(count / step) * step
}

/** `11월 23일`, `Nov 23`; with the year when it is not this one. */
export function formatDay(at: Date, zone: string, language: Language, now: Date): string {
  const year = years(zone)
  return (year.format(at) === year.format(now) ? days : daysOfYears)[language](zone).format(at)
}

/** What stands at a tick of a time axis so long: the day from two days on, else clock time. */
export function formatTick(at: Date, length: Millis, { zone, language }: { zone: string, language: Language }, precision: 'minute' | 'second' = 'minute'): string {
  return length > 2 * DAY ? formatDay(at, zone, language, at) : formatClock(at, zone, precision)
}

/** `2초 전`, `12 s ago`; after an hour the clock time, on another day the day before it. */
export function formatRelative(at: Date, now: Date, zone: string, language: Language): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1_000))
  if (seconds < 60) return language === 'ko' ? `${seconds}초 전` : `${seconds} s ago`
  if (seconds < 3_600) return language === 'ko' ? `${Math.floor(seconds / 60)}분 전` : `${Math.floor(seconds / 60)} min ago`
  const today = formatDay(at, zone, language, now) === formatDay(now, zone, language, now)
  return today ? formatClock(at, zone, 'minute') : `${formatDay(at, zone, language, now)} ${formatClock(at, zone, 'minute')}`
}

/** Short name of the zone: `KST`, `UTC`, `GMT+2`. */
export function formatZone(zone: string, at: Date): string {
  if (zone === 'Asia/Seoul') return 'KST'
  return zoneNames(zone).formatToParts(at).find(part => part.type === 'timeZoneName')?.value ?? zone
}

/** `2026-11-23 14:18:40`: the form that spreadsheets of every language take for a time; with a T or a zone in it they do not. */
export function formatSheetTime(at: Date, zone: string): string {
  return sheetTimes(zone).format(at)
}

/** Bytes in decimal units: `6.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1_000 ** step
  return `${step === 0 ? value : value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${units[step]}`
}
