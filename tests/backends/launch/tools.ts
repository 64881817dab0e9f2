import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** Something this machine lacks; the message says what it is for. */
export class MissingTool extends Error {}

const wanted = {
  mvn: 'Maven brings Zipkin and Elasticsearch',
  go: 'Go builds Prometheus and the Collector',
  ruby: 'Ruby runs the filter of the Logstash pipeline',
  python3: 'Python brings the parser of the Logstash pipeline',
}

/** Everything that is missing, at once, before the first minute is spent. */
export function checkTools(): void {
  const missing = Object.entries(wanted).filter(([tool]) => !onPath(tool)).map(([tool, why]) => `  ${tool}: ${why}`)
  try {
    findJdk()
  }
  catch (error) {
    missing.push(`  ${(error as Error).message}`)
  }
  if (missing.length) throw new MissingTool(`The tests on real backends need what this machine lacks:\n${missing.join('\n')}\nOr name running backends by BACKENDS_ZIPKIN_URL, BACKENDS_PROMETHEUS_URL, BACKENDS_ELASTICSEARCH_URL, BACKENDS_COLLECTOR_URL.`)
}

/** Elasticsearch 9 is the most demanding of them. */
const oldestJdk = 21

let jdk: string | undefined

/** Home of a JDK that is new enough: BACKENDS_JAVA_HOME, JAVA_HOME, the one on PATH, or what lies where systems keep theirs. */
export function findJdk(): string {
  if (jdk) return jdk
  const java = onPath('java')
  const folders = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'].filter(existsSync).flatMap(folder => readdirSync(folder).flatMap(name => [join(folder, name), join(folder, name, 'Contents/Home')]))
  const candidates = [process.env.BACKENDS_JAVA_HOME, process.env.JAVA_HOME, java && dirname(dirname(realpathSync(java))), ...folders]
  jdk = candidates.find(home => home && existsSync(join(home, 'bin/javac')) && versionOf(home) >= oldestJdk)
  if (!jdk) throw new MissingTool(`JDK ${oldestJdk} or newer: runs Zipkin and Elasticsearch. Set BACKENDS_JAVA_HOME when it is somewhere unusual.`)
  return jdk
}

function versionOf(home: string): number {
  const release = join(home, 'release')
  return existsSync(release) ? Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0) : 0
}

function onPath(tool: string): string | undefined {
  return process.env.PATH?.split(':').map(folder => join(folder, tool)).find(existsSync)
}

/** Runs to the end and answers what it printed; what it complained about is the error. */
export function run(file: string, args: string[], { cwd, env }: { cwd?: string, env?: Record<string, string> } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (error) throw error
  if (status === 0) return stdout
  throw new Error(`${file} failed: ${stripVTControlCharacters(`${stdout}\n${stderr}`).trim().split('\n').slice(-30).join('\n')}`)
}
