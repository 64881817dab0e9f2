import type { TestProject } from 'vitest/node'
import { urls, usual, type BackendName } from './backends.ts'
import { install } from './install.ts'
import { pidOf, start, stop } from './running.ts'
import { checkTools } from './tools.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where each backend answers that there is. */
    backends: Partial<Record<BackendName, string>>
    /** Whether they are ours, on this machine, so that tests may stop and start them. */
    ours: boolean
  }
}

const named = ['zipkin', 'prometheus', 'elasticsearch', 'opensearch', 'collector'] as const
const say = (line: string) => console.log(line)

/**
 * Backends that the environment names by address (BACKENDS_ZIPKIN_URL …) are used as they are, and tests of the others
 * are left out. With none named, all are installed where they are not yet, and started where they do not run yet; what
 * was started here is stopped at the end.
 */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = Object.fromEntries(named.flatMap((name) => {
    const url = process.env[`BACKENDS_${name.toUpperCase()}_URL`]
    return url ? [[name, url.replace(/\/+$/, '')]] : []
  })) as Partial<Record<BackendName, string>>
  if (Object.keys(given).length > 0) {
    project.provide('backends', given)
    project.provide('ours', false)
    return
  }

  checkTools()
  for (const name of usual) if (name !== 'shipper') install(name, say)
  install('pipeline-parser', say)
  const started = usual.filter(name => !pidOf(name))
  const end = async () => {
    for (const name of started.toReversed()) await stop(name)
  }
  try {
    await Promise.all(started.map(name => start(name)))
  }
  catch (error) {
    await end()
    throw error
  }
  project.provide('backends', Object.fromEntries(usual.map(name => [name, urls[name]])))
  project.provide('ours', true)
  return end
}
