import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** All that ends in the built app; a change of anything else needs no build. */
const sources = ['app', 'components', 'pages', 'public', 'server', 'shared', 'drizzle', 'scripts', 'nuxt.config.ts', 'package-lock.json', 'package.json', 'tsconfig.json']

/** Whether the build in .output was made from the sources that are here now. */
export function isBuilt(root: string): boolean {
  const stamp = join(root, '.output/.sources')
  return existsSync(join(root, '.output/server/index.mjs')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashSources(root)
}

export async function build(root: string, signal: AbortSignal): Promise<void> {
  const hash = hashSources(root)
  rmSync(join(root, '.output/.sources'), { force: true })
  const output: Buffer[] = []
  const builder = spawn(process.execPath, [join(root, 'node_modules/nuxt/bin/nuxt.mjs'), 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGTERM' })
  builder.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  builder.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((done, fail) => builder.on('error', fail).on('close', done))
  if (code !== 0) throw new Error(`The build failed.\n\n${Buffer.concat(output).toString().trimEnd().split('\n').slice(-40).join('\n')}`)
  writeFileSync(join(root, '.output/.sources'), hash)
}

export function hashSources(root: string): string {
  const hash = createHash('sha256')
  const files = sources.flatMap(source => lstatSync(join(root, source), { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(join(root, source), { recursive: true, withFileTypes: true }).filter(file => file.isFile()).map(file => relative(root, join(file.parentPath, file.name)))
    : [source])
  for (const file of files.sort()) {
    if (existsSync(join(root, file))) hash.update(file).update('\0').update(readFileSync(join(root, file))).update('\0')
  }
  return hash.digest('hex')
}
