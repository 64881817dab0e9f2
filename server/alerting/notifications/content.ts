import type { NoticeEvent, NoticeSeverity, PersonalEvent, Wording } from '#shared/schemas/notification'
import { formatZone } from '#shared/text/format'
import type { Sentence, Text } from '#shared/text/text'

/** A notice as it was written down, with the names of what it names. */
export interface StoredNotice {
  kind: string
  incidentId: string | null
  number: number | null
  severity: NoticeSeverity
  title: Sentence
  facts: Sentence[]
  services: string[]
  endpoints: { id: string, method: string, template: string, nameKo: string, nameEn: string }[]
  consumers: { id: string, name: string }[]
  path: string
  at: Date
}

/** One incident, as one message tells it: words only, so that every kind of channel can write it in its own form. */
export interface Told {
  event: NoticeEvent | PersonalEvent | 'test'
  /** What that is called: what goes on as part of another incident is not resolved for whoever reads it. */
  word: NoticeEvent | PersonalEvent | 'test' | 'merged'
  severity: NoticeSeverity
  incident: { id: string, number: string } | null
  /** `INC-128 · critical · opened`. */
  head: string
  title: string
  facts: string[]
  services: string[]
  endpoints: string[]
  consumers: string[]
  url: string
  at: Date
  when: string
}

export interface Content {
  /** One line. */
  subject: string
  /** What stands above several; undefined for one. */
  summary?: string
  told: Told[]
  /** Incidents beyond the most that one message names. */
  more: number
}

export interface Frame {
  text: Text
  wording: Wording
  environment: string
  /** Of the app, without a slash at its end. */
  origin: string
}

const most = 20
const mostFacts = 6
const mostNames = 10

/** Notices, oldest first, as one message; of each incident the newest says how it is. */
export function writeContent(notices: readonly StoredNotice[], frame: Frame): Content {
  const { text, environment } = frame
  const told = [...Map.groupBy(notices, notice => notice.incidentId ?? notice).values()].map(newestOf)
  const all = told.sort((a, b) => rank(a) - rank(b)).map(notice => tell(notice, frame))
  const [only] = all
  if (only && all.length === 1) {
    const subject = only.word === 'test'
      ? text('notifications.message.test.subject', { environment })
      : text(only.incident ? 'notifications.message.subject' : 'notifications.message.subjectOfNone', { environment, number: only.incident?.number, event: text(`notifications.event.${only.word}`), title: only.title })
    return { subject: oneLine(subject), told: all, more: 0 }
  }
  const resolved = all.filter(({ event }) => event === 'resolved').length
  const counts = { environment, count: all.length, open: all.length - resolved, resolved }
  return {
    subject: oneLine(text('notifications.message.subjectJoined', counts)),
    summary: text('notifications.message.joined', counts),
    told: all.slice(0, most), more: Math.max(0, all.length - most),
  }
}

/** As it is now, and all that people said meanwhile. */
function newestOf(notices: readonly StoredNotice[]): StoredNotice {
  const newest = notices.at(-1)!
  return { ...newest, facts: [...notices.flatMap(({ facts }) => facts.filter(isPublic)), ...newest.facts.filter(fact => !isPublic(fact))] }
}

/** What is open and critical first; among equals the order in which it came. */
function rank({ kind, severity }: StoredNotice): number {
  return (kind === 'incident.resolved' ? 2 : 0) + (severity === 'critical' ? 0 : 1)
}

function tell(notice: StoredNotice, frame: Frame): Told {
  const { text, wording, origin } = frame
  const event = notice.kind === 'test' ? 'test' : notice.kind.slice('incident.'.length) as NoticeEvent | PersonalEvent
  const word = notice.facts.some(isMerger) ? 'merged' : event
  const number = notice.number === null ? null : `INC-${notice.number}`
  const isPlain = wording === 'plain' && word !== 'test'
  const functions = notice.endpoints.map(endpoint => endpoint[text.language === 'ko' ? 'nameKo' : 'nameEn'] || `${endpoint.method} ${endpoint.template}`)
  const names = (values: string[]) => [...new Set(values.map(clean))].slice(0, mostNames)
  return {
    event, word,
    severity: notice.severity,
    incident: notice.incidentId !== null && number !== null ? { id: notice.incidentId, number } : null,
    head: word === 'test' ? '' : number === null ? text(`notifications.event.${word}`) : text('notifications.message.head', { number, severity: text(`notifications.severity.${notice.severity}`), event: text(`notifications.event.${word}`) }),
    title: clean(isPlain && word !== 'reported' ? text(`notifications.plain.${word}`, { functions: functions.join(', ') || text('notifications.plain.unnamed') }) : text.sentence(notice.title)),
    facts: notice.facts.filter(fact => !isPlain || isPublic(fact)).slice(0, mostFacts).map(fact => clean(text.sentence(fact))),
    services: isPlain ? [] : names(notice.services),
    endpoints: names(isPlain ? functions : notice.endpoints.map(({ method, template }) => `${method} ${template}`)),
    consumers: names(notice.consumers.map(({ id, name }) => name || id)),
    url: origin + notice.path,
    at: notice.at,
    when: clean(text('notifications.message.time', { day: { day: notice.at.toISOString() }, at: { at: notice.at.toISOString(), precision: 'minute' }, zone: formatZone(text.zone, notice.at) })),
  }
}

/** For everyone who may open incidents: what people said, and where the incident goes on. */
function isPublic(fact: Sentence): boolean {
  return fact.code.startsWith('incidents.said.') || isMerger(fact)
}

function isMerger({ code }: Sentence): boolean {
  return code === 'incidents.fact.merged'
}

/** Names come from senders of telemetry: what could end a line, hide, or turn the reading direction is left out. */
function clean(words: string): string {
  return oneLine(words.replaceAll(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, ''))
}

function oneLine(words: string): string {
  return words.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim().slice(0, 500)
}
