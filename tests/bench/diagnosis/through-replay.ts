// npm run bench:diagnosis                        through replay: detection, incidents and diagnosis, told nothing
// npm run bench:diagnosis -- tune                on the platforms and seeds that parameters were chosen on
// npm run bench:diagnosis -- --fault timeout     one fault only; --shape mesh one shape; --seeds 4 more of each, from --seed 9011 on; --hours 3 of quiet on each shape, 0 for none
// npm run bench:diagnosis -- --past 40           on platforms that are seen only from 40 s before the fault on
// npm run bench:diagnosis -- --minutes 30        begins no scenario later than that; which ones are played first is drawn by lot
import { parseArgs } from 'node:util'
import { meets, median, printTable, type Figure } from '../support/report.ts'
import { asAnswer, baselines, viewOf } from './baselines.ts'
import { faultNames, type Truth } from './faults.ts'
import { linesSince } from './otlp.ts'
import { playQuiet } from './quiet.ts'
import { countFalsePages, judgeRevisions, revisionsOf, type Replayed } from './replayed.ts'
import { play } from './scenario.ts'
import { score, type Score } from './score.ts'
import { Chance } from './simulation.ts'
import type { Shape } from './topology.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  fault: { type: 'string', multiple: true }, shape: { type: 'string', multiple: true }, seed: { type: 'string' }, seeds: { type: 'string', default: '1' }, hours: { type: 'string', default: '2' }, minutes: { type: 'string', default: 'Infinity' }, verbose: { type: 'boolean' }, past: { type: 'string' },
} })
const isTuning = positionals.includes('tune')
const shapes = values.shape as Shape[] | undefined ?? (isTuning ? ['open-api', 'chain'] : ['fan-out', 'mesh'])
const firstSeed = Number(values.seed ?? (isTuning ? 1 : 10_013))
const names = values.fault ?? faultNames

interface Result extends Replayed { fault: string, mode: string }
const results: Result[] = []
const simple: { mode: string, score: Score }[] = []
const invisible: string[] = []
let played = 0

async function judge(shape: Shape, seed: number, fault: string) {
  const scenario = play(shape, fault, seed)
  if (!scenario) return
  played++
  const { began, trigger, fault: { truth } } = scenario
  const since = values.past === undefined ? 0 : began - Number(values.past) * 1e6
  const full = judgeRevisions(await revisionsOf(linesSince(scenario.lines, since)), { began, truth })
  // What neither the plain rule nor we saw is nothing that anybody could see.
  if (!trigger && full.detected === undefined) {
    invisible.push(`${shape} ${seed} ${fault}`)
    return
  }
  const sampled = judgeRevisions(await revisionsOf(linesSince(scenario.sampledLines, since)), { began, truth })
  for (const [mode, result] of [['all traces', full], ['one in ten', sampled]] as const) {
    results.push({ ...result, fault, mode })
    if (values.verbose || !result.score?.service || !result.score.type || result.score.qualifier === false) console.log(describe(`${shape} ${seed} ${fault}, ${mode}`, result, truth))
  }
  const at = Math.max(trigger?.at ?? 0, began + (full.detected ?? 0) * 1e6) + 60e6
  const view = viewOf(scenario.recording, { onset: began, at }, seed)
  for (const [mode, placesOf] of Object.entries(baselines)) simple.push({ mode, score: score(asAnswer(placesOf(view)), truth) })
}

const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => firstSeed + i)
const lots = new Chance(firstSeed)
const scenarios = seeds.flatMap(seed => shapes.flatMap(shape => names.map(fault => ({ shape, seed, fault, lot: lots.next() })))).sort((a, b) => a.lot - b.lot)
const latest = performance.now() + Number(values.minutes) * 60_000
let begun = 0
for (const { shape, seed, fault } of scenarios) {
  if (performance.now() > latest) break
  begun++
  await judge(shape, seed, fault)
}

/** Longer ones are played as several, on platforms of their own. */
const longestStretch = 2
const hours = values.fault ? 0 : Number(values.hours)
let pages = 0
if (hours > 0) {
  for (const { shape, seed, length } of shapes.flatMap(shape => stretchesOf(hours).map((length, i) => ({ shape, seed: firstSeed + i, length })))) {
    const start = performance.now()
    const found = await countFalsePages(playQuiet(shape, seed, length))
    pages += found.length
    // A run that is broken off has said what it knew.
    console.log(`  ${shape} ${seed}, ${length} quiet hours: ${found.length} pages (${Math.round((performance.now() - start) / 1_000)} s)`)
    for (const { at, symptoms, culprit } of found) console.log(`  ${shape}, quiet: paged at ${at} for ${symptoms.map(({ service, endpoint }) => `${service} ${endpoint ?? ''}`).join(', ')} (${culprit?.type ?? 'no answer'})`)
  }
}

function stretchesOf(hours: number): number[] {
  return Array.from({ length: Math.ceil(hours / longestStretch) }, (_, i) => Math.min(longestStretch, hours - i * longestStretch))
}

const quiet: Figure[] = hours > 0 ? [{ name: 'false pages a simulated day', value: pages * 24 / (hours * shapes.length), must: 1, detail: `${pages} in ${hours * shapes.length} h` }] : []
// Quiet hours alone say nothing about faults.
if (begun === 0) {
  printTable('diagnosis, through replay', quiet)
  process.exit(quiet.every(meets) ? 0 : 1)
}

const percent = (scores: readonly (Score | undefined)[], is: (score: Score) => boolean | undefined, told = scores) => {
  const counted = told.filter(one => one === undefined || is(one) !== undefined)
  return counted.length ? Math.round(1_000 * counted.filter(one => one && is(one)).length / counted.length) / 10 : Number.NaN
}
// Without an answer there is no score of the subset either, where the fault has one or not.
const row = (name: string, scores: readonly (Score | undefined)[]) => {
  const cells = [percent(scores, s => s.service), percent(scores, s => s.topThree), percent(scores, s => s.place), percent(scores, s => s.type), percent(scores.filter(s => s !== undefined), s => s.qualifier)]
  return `  ${name.padEnd(32)} ${cells.map(value => (Number.isNaN(value) ? '–' : String(value)).padStart(8)).join('')}   ${scores.length}`
}
const of = (mode: string) => results.filter(result => result.mode === mode)
const scoresOf = (list: readonly Result[]) => list.map(({ score: one }) => one)
const seconds = (list: readonly Result[], time: 'detected' | 'named') => list.flatMap(result => result[time] ?? []).sort((a, b) => a - b)
const p95 = (sorted: number[]) => sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] ?? Number.NaN

console.log(`\n${played} scenarios (${shapes.join(', ')}; seeds from ${firstSeed}), ${invisible.length} of them not visible to anybody${invisible.length ? `: ${invisible.join('; ')}` : ''}${begun < scenarios.length ? `; time was up with ${scenarios.length - begun} to go` : ''}`)
console.log(`\n  ${'right, %'.padEnd(32)} ${['service', 'in 3', 'place', 'type', 'subset'].map(word => word.padStart(8)).join('')}   of`)
for (const mode of ['all traces', 'one in ten']) console.log(row(mode, scoresOf(of(mode))))
console.log('  told the onset:')
for (const mode of Object.keys(baselines)) console.log(row(mode, simple.filter(entry => entry.mode === mode).map(entry => entry.score)))
for (const mode of ['all traces', 'one in ten']) {
  console.log(`\n  by fault, ${mode}`)
  for (const fault of names) {
    const list = of(mode).filter(result => result.fault === fault)
    if (list.length) console.log(`${row(fault, scoresOf(list))}   found after ${list.map(({ detected }) => detected === undefined ? 'never' : `${Math.round(detected)} s`).join(', ')}`)
  }
}
console.log('\n  confidence: right service of those that say so')
for (const mode of ['all traces', 'one in ten']) {
  console.log(`  ${mode.padEnd(32)} ${(['high', 'medium', 'low'] as const).map((word) => {
    const said = of(mode).filter(({ confidence }) => confidence === word)
    return `${word} ${said.filter(({ score: one }) => one?.service).length}/${said.length}`
  }).join('   ')}`)
}

const full = of('all traces')
const tenth = of('one in ten')
const best = (is: (score: Score) => boolean | undefined) => Math.max(...Object.keys(baselines).map(mode => percent(simple.filter(entry => entry.mode === mode).map(entry => entry.score), is)))
const figures: Figure[] = [
  { name: 'right service first, full sampling, %', value: percent(scoresOf(full), s => s.service), must: 90, atLeast: true },
  { name: 'right service first, 10 %, %', value: percent(scoresOf(tenth), s => s.service), must: 75, atLeast: true },
  { name: 'right service in the first three, %', value: percent(scoresOf(full), s => s.topThree), must: 97, atLeast: true },
  { name: 'right place first, %', value: percent(scoresOf(full), s => s.place), must: 75, atLeast: true },
  { name: 'right type, %', value: percent(scoresOf(full), s => s.type), must: 80, atLeast: true },
  { name: 'right qualifier where there is one, %', value: percent(scoresOf(full).filter(s => s !== undefined), s => s.qualifier), must: 70, atLeast: true },
  { name: 'service: points ahead of the best simple rule', value: percent(scoresOf(full), s => s.service) - best(s => s.service), must: 0.1, atLeast: true },
  { name: 'place: points ahead of the best simple rule', value: percent(scoresOf(full), s => s.place) - best(s => s.place), must: 20, atLeast: true },
  { name: 'wrong with high confidence, % of all', value: 100 * results.filter(({ confidence, score: one }) => confidence === 'high' && !one?.service).length / Math.max(1, results.length), must: 2 },
  { name: 'visible faults found, %', value: 100 * full.filter(({ detected }) => detected !== undefined).length / Math.max(1, full.length) },
  { name: 'time to detect, median, s', value: median(seconds(full, 'detected')), detail: `p95 ${p95(seconds(full, 'detected')).toFixed(0)} s` },
  { name: 'time to the right name, median, s', value: median(seconds(full, 'named')), detail: `p95 ${p95(seconds(full, 'named')).toFixed(0)} s` },
  ...quiet,
  { name: 'pages before the fault', value: full.reduce((sum, { falsePages }) => sum + falsePages, 0), detail: `in ${(full.length * 8 / 60).toFixed(1)} h` },
]
printTable('diagnosis, through replay', figures)
process.exit(names === faultNames && !values.shape && figures.some(figure => !meets(figure)) ? 1 : 0)

function describe(title: string, { detected, last, confidence }: Replayed, truth: Truth): string {
  const said = last?.culprit ? `${last.culprit.type} ${last.culprit.service} ${last.culprit.operation} ${last.culprit.remote ?? ''}${last.qualifier ? ` only ${last.qualifier.value}` : ''} (${confidence})` : 'nothing'
  const [place] = truth.places
  return `  ${title}: ${detected === undefined ? 'not found' : `after ${Math.round(detected)} s`}, said ${said}; it was ${truth.type} ${place!.service} ${place!.operation ?? ''} ${place!.remote ?? ''}${truth.qualifier ? ` only ${truth.qualifier.value}` : ''}`
}
