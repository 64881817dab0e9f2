import { backends, usual, urls, type BackendName } from './backends.ts'
import { backendsHome, install, type BuildName } from './install.ts'
import { isHealthy, pidOf, start, stop } from './running.ts'
import { checkTools, MissingTool } from './tools.ts'

// npm run backends -- install | start | stop | status [name …]: real backends for development. Without names, the usual
// ones. KEEP_DATA=1 lets start go on with the data of the last time.

const [verb, ...given] = process.argv.slice(2)
const unknown = given.find(name => !(name in backends))
const names = given.length ? given as BackendName[] : usual

try {
  if (unknown) throw new MissingTool(`No backend is called ${unknown}. There are: ${Object.keys(backends).join(', ')}.`)
  switch (verb) {
    case 'install':
      checkTools()
      for (const name of [...names.filter((name): name is Exclude<BackendName, 'shipper'> => name !== 'shipper'), ...given.length ? [] : ['pipeline-parser'] as BuildName[]]) install(name, line => console.log(line))
      console.log(`Installed in ${backendsHome}`)
      break
    case 'start':
      for (const name of names) {
        await start(name, { keepData: Boolean(process.env.KEEP_DATA) })
        console.log(`${name}: ${urls[name]}`)
      }
      break
    case 'stop':
      // Who sends ends before who is sent to.
      for (const name of names.toReversed()) await stop(name)
      break
    case 'status':
      for (const name of names) console.log(`${name.padEnd(14)} ${await isHealthy(name) ? 'up  ' : 'down'} ${pidOf(name) ?? '-'} ${urls[name]}`)
      break
    default:
      throw new MissingTool('npm run backends -- install | start | stop | status [name …]')
  }
}
catch (error) {
  console.error(error instanceof MissingTool ? error.message : error)
  process.exit(1)
}
