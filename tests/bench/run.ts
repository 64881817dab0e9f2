// npm run bench               all of it
// npm run bench -- ingest     one file of this folder
import { readdirSync } from 'node:fs'
import { meets, printTable, type Figure } from './support/report.ts'

const folder = new URL('.', import.meta.url)
const wanted = process.argv.slice(2)
const names = readdirSync(folder).filter(file => file.endsWith('.ts') && file !== 'run.ts').map(file => file.slice(0, -3))
const unknown = wanted.filter(name => !names.includes(name))
if (unknown.length) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are ${names.join(', ')}.`)
  process.exit(1)
}

let missed = 0
for (const name of wanted.length ? wanted : names) {
  const { run } = await import(new URL(`${name}.ts`, folder).href) as { run: () => Promise<Figure[]> }
  const figures = await run()
  printTable(name, figures)
  missed += figures.filter(figure => !meets(figure)).length
}
console.log(missed ? `\n${missed} below the bar` : '\nAll bars met')
process.exit(missed ? 1 : 0)
