import { languageOf, languages, type Language } from '#shared/text/languages'
import type { Actor } from '#server/access/access'

export interface RequestReader {
  language: Language
  /** IANA name. */
  zone: string
}

/** The account's own choice, else the browser's cookie, else what it accepts and where the installation is. */
export function readerOf(actor: Actor, headers: { acceptLanguage?: string, cookies: Record<string, string> }, timeZone: string): RequestReader {
  const chosen = actor.kind === 'user' ? actor : undefined
  const { cookies } = headers
  const screen = actor.kind === 'display' ? actor.language : undefined
  return {
    language: chosen?.language ?? screen ?? languages.find(language => language === cookies['bongsu-language']) ?? languageOf(headers.acceptLanguage),
    zone: chosen?.zone ?? (isZone(cookies['bongsu-zone']) ? cookies['bongsu-zone'] : timeZone),
  }
}

const known = new Map<string, boolean>()

function isZone(zone: string | undefined): zone is string {
  if (!zone || zone.length > 64) return false
  let valid = known.get(zone)
  if (valid === undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: zone })
      valid = true
    }
    catch {
      valid = false
    }
    // A caller may send any number of names.
    if (known.size < 1_000) known.set(zone, valid)
  }
  return valid
}
