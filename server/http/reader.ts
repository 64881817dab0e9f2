import type { Actor } from '#server/access/access'
import { languageOf, languages, type Language } from '#shared/text/languages'
import { isZone } from '#shared/text/time-zone'

export interface RequestReader {
  language: Language
  /** IANA name. */
  zone: string
}

/** The account's own choice, else the browser's cookie, else what it accepts and where the installation is. */
export function readerOf(actor: Actor, headers: { acceptLanguage?: string, cookies: Record<string, string> }, timeZone: string): RequestReader {
  const chosen = actor.kind === 'user' ? actor : undefined
  const { cookies } = headers
  const sentZone = cookies['bongsu-zone']
  const screen = actor.kind === 'display' ? actor.language : undefined
  return {
    language: chosen?.language ?? screen ?? languages.find(language => language === cookies['bongsu-language']) ?? languageOf(headers.acceptLanguage),
    zone: chosen?.zone ?? (sentZone && isZone(sentZone) ? sentZone : timeZone),
  }
}
