// npm run replay -- [--json] FILE…     recorded OTLP/JSON lines (.gz too) through detection, incidents and diagnosis
import { parseArgs } from 'node:util'
import { UnreadableFile } from '../server/replay/recording.ts'
import { replay } from '../server/replay/replay.ts'
import type { RevisionLine as Revision } from '../server/incidents/incidents.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } })
if (positionals.length === 0) {
  console.error('Usage: npm run replay -- [--json] FILE…\nFILE holds one OTLP/JSON export request of traces, metrics or logs a line, as the Collector\'s file exporter writes them; .gz too.')
  process.exit(1)
}

const reasons = { not_otlp: 'no export request of traces, metrics or logs', too_long: 'longer than 256 MiB', malformed: 'cannot be read' }
const began = performance.now()
try {
  const { lines, bad, from, to } = await replay({
    files: positionals,
    onRevision: revision => console.log(values.json ? JSON.stringify(revision) : toText(revision)),
    onBad: ({ file, number, reason }) => console.error(`${file}:${number}: ${reasons[reason]}`),
    onTrouble: error => console.error(error),
  })
  const recorded = from && to ? (to.getTime() - from.getTime()) / 1_000 : 0
  const took = (performance.now() - began) / 1_000
  console.error(`${lines} lines, ${bad} left out; ${duration(recorded)} of recording in ${duration(took)}${recorded ? `, ${Math.round(recorded / took)} times as fast` : ''}.`)
}
catch (error) {
  if (!(error instanceof UnreadableFile)) throw error
  console.error(error.message)
  process.exit(1)
}

function toText({ incident, at, event, severity, onset, symptoms, culprit, qualifier, confidence, runnersUp, impact }: Revision): string {
  const place = ({ service, operation, remote, type }: NonNullable<Revision['culprit']>) => `${type} ${service} ${operation}${remote ? ` → ${remote}` : ''}`
  return [
    `${at} ${incident} ${event}, ${severity}, since ${onset}`,
    `  ${symptoms.map(({ service, operation, endpoint }) => `${service} ${endpoint ?? operation ?? ''}`.trim()).join(', ')}`,
    ...culprit ? [`  ${place(culprit)}${qualifier ? `, only ${qualifier.attribute} ${qualifier.value}` : ''} (${confidence})`] : [],
    ...runnersUp.length ? [`  not ${runnersUp.map(place).join('; ')}`] : [],
    ...impact.length ? [`  ${impact.map(({ consumer, failed, slow, total }) => `${consumer} ${failed} failed, ${slow ?? 'unknown'} slow of ${total}`).join('; ')}`] : [],
  ].join('\n')
}

function duration(seconds: number): string {
  return seconds >= 120 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${seconds.toFixed(1)} s`
}
