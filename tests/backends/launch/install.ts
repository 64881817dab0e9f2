import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendName } from './backends.ts'
import { findJdk, run } from './tools.ts'

/** Where builds are kept between runs, and what runs keeps its data. */
export const backendsHome = process.env.BACKENDS_HOME || join(homedir(), '.cache/bongsu-backends')

const sources = (name: string) => fileURLToPath(new URL(`../builds/${name}`, import.meta.url))

/** What can be installed: all backends but our own, and the parser that only checks a file. */
export type BuildName = Exclude<BackendName, 'shipper'> | 'pipeline-parser'

const builds: Record<BuildName, (from: string, into: string) => void> = {
  'zipkin'(from, into) {
    maven(from, into, '-Dmdep.stripVersion=true')
  },
  'prometheus'(from, into) {
    for (const tool of ['prometheus', 'promtool']) go(from, join(into, tool), '-tags', 'remove_all_sd,netgo', `github.com/prometheus/prometheus/cmd/${tool}`)
  },
  'collector'(from, into) {
    go(from, join(into, 'collector'), '.')
  },
  /** The folders of a distribution: lib, config, and one per module with its descriptor. */
  'elasticsearch'(from, into) {
    const lib = join(into, 'lib')
    maven(from, lib)
    const version = /<elasticsearch\.version>(.+)</.exec(readFileSync(join(from, 'pom.xml'), 'utf8'))![1]!
    for (const module of ['gaps', 'transport-netty4']) {
      const descriptor = 'plugin-descriptor.properties'
      mkdirSync(join(into, 'modules', module), { recursive: true })
      writeFileSync(join(into, 'modules', module, descriptor), readFileSync(join(from, module, descriptor), 'utf8').replaceAll('VERSION', version))
    }
    compile(lib, join(from, 'Launcher.java'), join(lib, 'launcher.jar'))
    compile(lib, join(from, 'gaps/GapsPlugin.java'), join(into, 'modules/gaps/gaps.jar'))
    for (const jar of readdirSync(lib).filter(jar => /^(netty|transport-netty4)-/.test(jar))) renameSync(join(lib, jar), join(into, 'modules/transport-netty4', jar))
    cpSync(join(from, 'config'), join(into, 'config'), { recursive: true })
    for (const folder of ['plugins', 'logs']) mkdirSync(join(into, folder))
  },
  'opensearch'(from, into) {
    maven(from, join(into, 'lib'))
    compile(join(into, 'lib'), join(from, 'Launcher.java'), join(into, 'lib/launcher.jar'))
  },
  'pipeline-parser'(from, into) {
    run('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--target', into, '--requirement', join(from, 'requirements.txt')])
  },
}

/** Where it is, once it is installed: a change of what it is made from is another folder. */
export function homeOf(name: BuildName): string {
  const hash = createHash('sha256')
  const files = readdirSync(sources(name), { recursive: true, withFileTypes: true }).filter(file => file.isFile()).map(file => join(file.parentPath, file.name)).sort()
  for (const file of files) hash.update(file.slice(sources(name).length)).update('\0').update(readFileSync(file)).update('\0')
  return join(backendsHome, `${name}-${hash.digest('hex').slice(0, 12)}`)
}

/** Gets it from its registry and builds it, unless that was done; the folder appears only whole. */
export function install(name: BuildName, say: (line: string) => void): string {
  const home = homeOf(name)
  if (existsSync(home)) return home
  const began = performance.now()
  say(`${name}: installing …`)
  mkdirSync(backendsHome, { recursive: true })
  const whole = mkdtempSync(join(backendsHome, `.${name}-`))
  try {
    builds[name](sources(name), whole)
    renameSync(whole, home)
  }
  finally {
    rmSync(whole, { recursive: true, force: true })
  }
  say(`${name}: installed in ${Math.round((performance.now() - began) / 1000)} s`)
  return home
}

function maven(from: string, into: string, ...options: string[]): void {
  run('mvn', ['--batch-mode', '--quiet', '--file', join(from, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${into}`, ...options])
}

function go(from: string, binary: string, ...what: string[]): void {
  run('go', ['build', '-buildvcs=false', '-trimpath', '-ldflags', '-s -w', '-o', binary, ...what], { cwd: from })
}

function compile(lib: string, source: string, jar: string): void {
  const classes = mkdtempSync(join(backendsHome, '.classes-'))
  try {
    run(join(findJdk(), 'bin/javac'), ['-nowarn', '-cp', join(lib, '*'), '-d', classes, source])
    run(join(findJdk(), 'bin/jar'), ['--create', '--file', jar, '-C', classes, '.'])
  }
  finally {
    rmSync(classes, { recursive: true, force: true })
  }
}
