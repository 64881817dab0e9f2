import type { FullIncident } from '#shared/schemas/full-incident'
import type { Incident } from '#shared/schemas/incident-detail'
import { catalogues } from '#shared/text/catalogues'
import { formatClock, formatCount, formatDay, formatDuration, formatDurationInWords, formatRatio, formatZone } from '#shared/text/format'
import { createText, type Reader, type Text } from '#shared/text/text'
import { decompositionChart, durationsChart, requestsChart } from './post-mortem-charts'

/** The whole story of an incident as one Markdown file with its charts inside, in the reader's language. */
export function writePostMortem(incident: Incident & { full: FullIncident }, reader: Reader): string {
  const text = createText(catalogues[reader.language], reader)
  const say = (key: Key) => text(`incidents.postMortem.${key}`)
  const { full, plain } = incident
  const title = text.sentence(full.title)
  return [
    `# ${line(text('incidents.postMortem.heading', { number: `INC-${incident.number}`, title }))}`,
    section(say('facts'), factsOf(incident, text)),
    section(say('summary'), [`${line(text.sentence(plain.headline))}.`, line(text.sentence(plain.cause)), full.endedBy ? line(text.sentence(full.endedBy)) : ''].filter(Boolean).join(' ')),
    ...diagnosisOf(full, text),
    ...impactOf(incident, text),
    section(say('requests'), plain.requests.ok.length ? `![${say('requests')}: ${say('okLegend')}, ${say('failedLegend')}](${requestsChart(plain.requests, say('requests'))})` : say('none')),
    section(`${say('timeline')} (${formatZone(reader.zone, new Date(incident.onset))})`, full.timeline.map((entry) => {
      const more = [entry.detail && text.sentence(entry.detail), entry.text].filter(Boolean).map(part => line(part!)).join(' ')
      return `- ${formatClock(new Date(entry.at), reader.zone)} ${line(text.sentence(entry.title))}${more ? `: ${more}` : ''}`
    }).join('\n')),
    section(say('updates'), plain.updates.filter(update => update.text).toReversed().map(({ at, text: typed, by }) =>
      `- ${formatClock(new Date(at), reader.zone, 'minute')} ${by ?? ''}: ${line(typed![reader.language] || typed!.ko || typed!.en)}`).join('\n') || say('none')),
    section(say('cause'), full.cause ? `${paragraph(full.cause.text)} (${line(full.cause.by)})` : say('causeMissing')),
    section(say('related'), full.related.map(({ number, title: other }) => `- INC-${number}: ${line(text.sentence(other))}`).join('\n') || say('none')),
    section(say('limits'), full.diagnosis?.caveats.map(caveat => `- ${line(text.sentence(caveat))}`).join('\n') || say('none')),
    section(say('actions'), `- [ ] ${say('actionsHint')}`),
  ].join('\n\n').concat('\n')
}

type Key = keyof (typeof catalogues)['en']['incidents']['postMortem']

function factsOf({ severity, onset, detectedAt, acknowledgedAt, acknowledgedBy, resolvedAt, resolvedBy, timeToAcknowledge, timeToResolve, assignee }: Incident, text: Text): string {
  const say = (key: Key) => text(`incidents.postMortem.${key}`)
  const moment = (at: string | null) => at === null ? say('none') : `${formatDay(new Date(at), text.zone, text.language, new Date(0))} ${formatClock(new Date(at), text.zone)}`
  const length = (millis: number | null) => millis === null ? say('none') : formatDurationInWords(millis * 1_000, text.language)
  const by = (at: string | null, name: string | null) => name ? `${moment(at)} (${line(name)})` : moment(at)
  return table([[say('severity'), say(severity)], [say('onset'), moment(onset)], [say('detected'), moment(detectedAt)], [say('acknowledged'), by(acknowledgedAt, acknowledgedBy)],
    [say('resolved'), resolvedAt ? by(resolvedAt, resolvedBy) : say('openStill')], [say('toAcknowledge'), length(timeToAcknowledge)], [say('toResolve'), length(timeToResolve)],
    [say('assignee'), assignee ? line(assignee.name) : say('none')]], ['', ''])
}

function diagnosisOf({ diagnosis, culprit, picture }: FullIncident, text: Text): string[] {
  if (!diagnosis) return []
  const say = (key: Key) => text(`incidents.postMortem.${key}`)
  const { isSpent, before, after, rows } = diagnosis.decomposition
  const change = after - before
  const name = (row: { service: string, operation: string, remote: string | null }) => code(row.remote ? `${row.service} → ${row.remote} ${row.operation}` : `${row.service} ${row.operation}`)
  return [
    section(say('where'), culprit ? `${name(culprit)}: ${text(`diagnosis.type.${culprit.type}`)}. ${say('confidence')}: ${text(`diagnosis.confidence.${diagnosis.confidence}`)}. ${line(text.sentence(diagnosis.confidenceReason))}` : line(text.sentence(diagnosis.title))),
    section(say('why'), diagnosis.evidence.map(sentence => `- ${line(text.sentence(sentence))}`).join('\n') || say('none')),
    ...(picture?.kind === 'durations' ? [`![${line(picture.subject)}](${durationsChart(picture, picture.subject)})`] : []),
    ...(rows.length && change !== 0
      ? [section(isSpent ? text('incidents.postMortem.spent', { time: { micros: Math.round(change) } }) : text('incidents.postMortem.decomposition', { change: { micros: Math.round(change) } }), `![](${decompositionChart(diagnosis.decomposition, say('share'))})\n\n${table(
          rows.map(row => [row.kind === 'rest' ? say('rest') : name(row), isSpent ? formatDuration(row.change) : signed(row.change), formatRatio(row.change / change)]), ['', isSpent ? say('time') : say('change'), say('share')])}`)]
      : []),
    section(say('whyNot'), diagnosis.runnersUp.map(({ culprit: other, whyNot }) => `- ${name(other)}: ${line(text.sentence(whyNot))}`).join('\n') || say('none')),
  ]
}

function impactOf({ full, plain }: Incident & { full: FullIncident }, text: Text): string[] {
  const say = (key: Key) => text(`incidents.postMortem.${key}`)
  const told = new Map(plain.consumers.map(consumer => [consumer.id, consumer.told]))
  const count = (value: number | null) => value === null ? say('none') : formatCount(Math.round(value), text.language)
  const clock = (at: string | null) => at === null ? say('none') : formatClock(new Date(at), text.zone)
  const rows = full.impact?.consumers.map(({ id, name, failed, slow, total, share, firstAt, lastAt }) => [
    line(name), count(failed), count(slow), count(total), formatRatio(share), clock(firstAt), clock(lastAt), told.get(id)?.at ? `${clock(told.get(id)!.at)} ${line(told.get(id)!.by ?? '')}` : say('none'),
  ]) ?? []
  return [section(say('impact'), rows.length ? table(rows, (['consumer', 'failed', 'slow', 'total', 'shareOfIts', 'first', 'last', 'told'] as const).map(say)) : say('none'))]
}

const section = (heading: string, body: string) => `## ${line(heading)}\n\n${body}`
const table = (rows: string[][], head: string[]) => [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
const signed = (micros: number) => `${micros < 0 ? '−' : '+'}${formatDuration(Math.abs(Math.round(micros)))}`
const code = (text: string) => `\`${text.replaceAll('`', '\'').replace(/\s+/g, ' ')}\``

/** Names and messages come from outside: none of them may become a heading, a link or markup of ours. */
function line(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>#!]/g, '\\$&')
}

function paragraph(text: string): string {
  return text.split('\n').map(line).join('  \n')
}
