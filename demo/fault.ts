import { expectationOf, faultNames, faults, isFault } from './faults.ts'
import { readSettings } from './launch/settings.ts'

// npm run demo:fault -- NAME | off | nothing

const [name] = process.argv.slice(2)
const control = `http://127.0.0.1:${readSettings(process.env).port + 5}/fault`

if (name === undefined || name === 'list') await list()
else await switchTo(name)

async function list() {
  const on = await fetch(control, { signal: AbortSignal.timeout(3_000) })
    .then(async response => ((await response.json()) as { on: string | null }).on, () => undefined)
  for (const fault of faultNames) {
    console.log(`${fault}${fault === on ? '   (on)' : ''}`)
    console.log(`  What happens: ${faults[fault].happens}`)
    console.log(`  What to see:  ${expectationOf(fault)}\n`)
  }
  console.log(on === undefined ? 'No demo is running; start one with: npm run demo' : `Switch with: npm run demo:fault -- NAME   (one at a time; "off" heals it)`)
}

async function switchTo(name: string) {
  if (name !== 'off' && !isFault(name)) fail(`No fault is called "${name}". There are: ${faultNames.join(', ')}, and off.`)
  // One of them starts a process, which takes its time on a busy machine.
  const answer = await fetch(`${control}/${name}`, { method: 'PUT', signal: AbortSignal.timeout(60_000) }).catch((error: Error) => {
    if (error.name === 'TimeoutError') fail(`The demo at ${control} did not finish switching within a minute. The list says what is on: npm run demo:fault`)
    fail(`No demo answers at ${control}. Start one with npm run demo; if it runs with another DEMO_PORT, set the same here.`)
  })
  const { error } = await answer.json() as { error?: string }
  if (!answer.ok) fail(`The demo could not do that: ${error ?? answer.status}`)
  console.log(isFault(name) ? `${name} is on. ${expectationOf(name)}` : 'All faults are off. The board heals in about two minutes: one until the bad calls have left its window, one to be sure.')
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
