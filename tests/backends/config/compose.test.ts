import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const at = (path: string) => fileURLToPath(new URL(`../../../deploy/${path}`, import.meta.url))
const read = (path: string) => readFileSync(at(path), 'utf8')

interface Service { image?: string, command?: string[], entrypoint?: string[], environment?: Record<string, string>, volumes?: string[], ports?: string[], read_only?: boolean, depends_on?: Record<string, unknown>, mem_limit?: string }
const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service>, volumes: Record<string, null> }
const each = Object.entries(services)

// No compose runs where these tests do; what it would stumble over, and what must not slip in, is checked here.
describe('compose.yaml', () => {
  it.each(each)('%s uses a release by its number, and files and volumes that exist', (name, service) => {
    if (name !== 'app') expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?$/)
    for (const [source] of (service.volumes ?? []).map(volume => volume.split(':'))) {
      expect(source!.startsWith('./') ? existsSync(at(source!)) : source! in volumes, source).toBe(true)
    }
    for (const other of Object.keys(service.depends_on ?? {})) expect(services).toHaveProperty(other)
  })

  it.each(each)('%s has no secret in its command and opens nothing to the world', (_, { command = [], entrypoint = [], ports = [] }) => {
    expect([...command, ...entrypoint].join(' ')).not.toMatch(/password|token|secret|\$\{/i)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('asks for every secret, and .env.example names each', () => {
    const asked = [...read('compose.yaml').matchAll(/\$\{(\w+):\?/g)].map(match => match[1]!)
    const named = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(match => match[1]!)
    expect([...new Set(asked)].filter(name => !named.includes(name))).toEqual([])
  })

  it('gives the Collector and Prometheus what the tests give them', () => {
    const collector = read('collector/collector.yaml')
    for (const name of Object.keys(services['otel-collector']!.environment!).filter(name => name !== 'GOMEMLIMIT')) expect(collector).toContain(`\${env:${name}:-`)
    expect(services.prometheus!.command).toContain('--enable-feature=exemplar-storage,created-timestamp-zero-ingestion')
    expect(services['otel-collector']!.image).toMatch(/:0\.155\.0$/)
  })

  it('keeps the app on a file system it cannot write to, but for its data', () => {
    expect(services.app).toMatchObject({ read_only: true, volumes: ['app:/data'] })
  })

  it.each(['elasticsearch/setup.sh', 'opensearch/setup.sh'])('%s is a shell script', (path) => {
    expect(spawnSync('sh', ['-n', at(path)], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('the image of the app', () => {
  const dockerfile = read('Dockerfile')
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))

  it('runs as nobody, says how it is, and fetches nothing once it is built', () => {
    expect(last).toMatch(/^USER bongsu$/m)
    expect(last).toMatch(/^HEALTHCHECK /m)
    expect(last).toMatch(/^CMD \["node", /m)
    expect(last).not.toMatch(/\b(npm|npx|curl|wget|apt-get)\b/)
  })

  it('is built from what the build needs: every file copied out of it exists or is made by it', () => {
    const copied = [...last.matchAll(/^COPY --from=build (.+) \S+$/gm)].flatMap(match => match[1]!.split(' ')).filter(path => !path.includes('.output'))
    for (const path of copied) expect(existsSync(at(`..${path.replace('/app', '')}`)), path).toBe(true)
  })
})
