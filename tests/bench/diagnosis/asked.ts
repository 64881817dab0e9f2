// npm run bench:diagnosis -- asked               diagnosis alone, asked when a plain rule triggers: held-out platforms and seeds
// npm run bench:diagnosis -- asked tune          those that parameters were chosen on
// npm run bench:diagnosis -- asked --fault timeout     one fault only; --seeds 4 more of each; --write DIR keeps the recordings
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { diagnose, type Diagnosis } from '../../../server/diagnosis/diagnosis.ts'
import { meets, printTable, type Figure } from '../support/report.ts'
import { asAnswer, baselines, viewOf } from './baselines.ts'
import { measureCost } from './cost.ts'
import { faultNames } from './faults.ts'
import { inputOf, play, type Mode, type Scenario } from './scenario.ts'
import { score, type Score } from './score.ts'
import type { Shape } from './topology.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { fault: { type: 'string', multiple: true }, seeds: { type: 'string', default: '2' }, write: { type: 'string' }, verbose: { type: 'boolean' } } })
const isTuning = positionals.includes('tune')
const shapes: Shape[] = isTuning ? ['open-api', 'chain'] : ['fan-out', 'mesh']
const firstSeed = isTuning ? 1 : 8_009
const names = values.fault ?? faultNames

interface Result { fault: string, scenario: string, mode: string, score: Score, diagnosis?: Diagnosis }

const runs: { name: string, mode: Mode, after: number }[] = [
  { name: 'full, at the trigger', mode: 'full', after: 0 },
  { name: 'full, 60 s later', mode: 'full', after: 60 },
  { name: '10 %, 60 s later', mode: 'sampled', after: 60 },
  { name: '10 % + metrics, 60 s later', mode: 'sampled, unsampled metrics', after: 60 },
]
const results: Result[] = []
const invisible: string[] = []
let played = 0
let falseAlarms = 0
let quietHours = 0

for (const shape of shapes) {
  for (let seed = firstSeed; seed < firstSeed + Number(values.seeds); seed++) {
    for (const name of names) {
      const scenario = play(shape, name, seed)
      if (!scenario) continue
      played++
      falseAlarms += scenario.falseAlarms
      quietHours += 190 / 3_600
      const title = `${shape} ${seed} ${name}`
      if (values.write) write(values.write, title, scenario)
      if (!scenario.trigger) {
        invisible.push(title)
        continue
      }
      for (const run of runs) judge(scenario, title, run)
      judgeBaselines(scenario, title)
    }
  }
}

function judge(scenario: Scenario, title: string, { name, mode, after }: typeof runs[number]) {
  const diagnosis = diagnose(inputOf(scenario, mode, after))
  const result = { fault: scenario.fault.name, scenario: title, mode: name, score: score(diagnosis, scenario.fault.truth), diagnosis }
  results.push(result)
  const { service, place, type, qualifier } = result.score
  if (!service || !place || !type || qualifier === false) {
    const { culprit } = diagnosis
    console.log(`  ${title}, ${name}: said ${culprit ? `${culprit.type} ${culprit.service} ${culprit.operation} ${culprit.remote ?? ''}` : 'nothing'} ${diagnosis.qualifier ? `only ${diagnosis.qualifier.value}` : ''} (${diagnosis.confidence}); it was ${scenario.fault.truth.type} ${scenario.fault.truth.places[0]!.service} ${scenario.fault.truth.places[0]!.operation ?? ''} ${scenario.fault.truth.qualifier ? `only ${scenario.fault.truth.qualifier.value}` : ''}`)
  }
}

function judgeBaselines(scenario: Scenario, title: string) {
  const view = viewOf(scenario.recording, { onset: scenario.began, at: scenario.trigger!.at + 60e6 }, scenario.seed)
  for (const [mode, name] of Object.entries(baselines)) results.push({ fault: scenario.fault.name, scenario: title, mode, score: score(asAnswer(name(view)), scenario.fault.truth) })
}

function write(folder: string, title: string, { lines, fault, began }: Scenario) {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, title.replaceAll(' ', '-'))
  writeFileSync(`${file}.jsonl`, `${lines.join('\n')}\n`)
  writeFileSync(`${file}.truth.json`, `${JSON.stringify({ ...fault.truth, began: new Date(began / 1_000) })}\n`)
}

const of = (mode: string) => results.filter(result => result.mode === mode)
const percent = (list: Result[], is: (score: Score) => boolean | undefined) => {
  const told = list.filter(({ score: one }) => is(one) !== undefined)
  return told.length ? Math.round(1_000 * told.filter(({ score: one }) => is(one)).length / told.length) / 10 : Number.NaN
}
const row = (name: string, list: Result[]) => `  ${name.padEnd(30)} ${[percent(list, s => s.service), percent(list, s => s.topThree), percent(list, s => s.place), percent(list, s => s.type), percent(list, s => s.qualifier)].map(value => `${Number.isNaN(value) ? '–' : value}`.padStart(8)).join('')}   ${list.length}`

console.log(`\n${played} scenarios (${shapes.join(', ')}; seeds from ${firstSeed}), ${invisible.length} of them not visible to the trigger${invisible.length ? `: ${invisible.join('; ')}` : ''}`)
console.log(`The trigger fired ${falseAlarms} times in ${quietHours.toFixed(1)} quiet hours.`)
console.log(`\n  ${'right, %'.padEnd(30)} ${['service', 'in 3', 'place', 'type', 'subset'].map(word => word.padStart(8)).join('')}   of`)
for (const { name } of runs) console.log(row(name, of(name)))
console.log('  told the onset:')
for (const name of Object.keys(baselines)) console.log(row(name, of(name)))
console.log(`\n  ${'by fault, full, 60 s later'.padEnd(30)}`)
for (const fault of names) if (results.some(result => result.fault === fault)) console.log(row(fault, of('full, 60 s later').filter(result => result.fault === fault)))
console.log(`\n  ${'by fault, 10 %, 60 s later'.padEnd(30)}`)
for (const fault of names) if (results.some(result => result.fault === fault)) console.log(row(fault, of('10 %, 60 s later').filter(result => result.fault === fault)))
console.log('\n  confidence: right service of those that say so')
for (const { name } of runs) {
  console.log(`  ${name.padEnd(30)} ${(['high', 'medium', 'low'] as const).map((word) => {
    const said = of(name).filter(({ diagnosis }) => diagnosis!.confidence === word)
    return `${word} ${said.filter(result => result.score.service).length}/${said.length}`
  }).join('   ')}`)
}

const full = of('full, 60 s later')
const tenth = of('10 %, 60 s later')
const all = runs.flatMap(({ name }) => of(name))
const wrongWithHigh = 100 * all.filter(({ diagnosis, score: one }) => diagnosis!.confidence === 'high' && !one.service).length / Math.max(1, all.length)
const deepest = of('deepest odd node')
const cost = await measureCost()
const figures: Figure[] = [
  { name: 'right service first, full sampling, %', value: percent(full, s => s.service), must: 90, atLeast: true },
  { name: 'right service first, 10 %, %', value: percent(tenth, s => s.service), must: 75, atLeast: true },
  { name: 'right service in the first three, %', value: percent(full, s => s.topThree), must: 97, atLeast: true },
  { name: 'right place first, %', value: percent(full, s => s.place), must: 75, atLeast: true },
  { name: 'right type, %', value: percent(full, s => s.type), must: 80, atLeast: true },
  { name: 'right qualifier where there is one, %', value: percent(full, s => s.qualifier), must: 70, atLeast: true },
  { name: 'service: points ahead of the best simple rule', value: percent(full, s => s.service) - Math.max(...Object.keys(baselines).map(name => percent(of(name), s => s.service))), must: 0.1, atLeast: true },
  { name: 'place: points ahead of the deepest odd node', value: percent(full, s => s.place) - percent(deepest, s => s.place), must: 20, atLeast: true },
  { name: 'wrong with high confidence, % of all', value: wrongWithHigh, must: 2 },
  ...cost,
]
printTable('diagnosis', figures)
process.exit(names === faultNames && figures.some(figure => !meets(figure)) ? 1 : 0)
