import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './support/bundle.ts'
import { createBatches } from './support/payload.ts'
import { cpuSeconds, load, startProcess, stopProcess } from './support/processes.ts'
import { median, type Figure } from './support/report.ts'

const secret = 'a-key-of-more-than-thirty-two-characters'
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const seconds = Number(process.env.BENCH_SECONDS ?? 4)

/** Durable ingest over HTTP against a receiver that only decodes: both as processes, in turns, four connections each. */
export async function run(): Promise<Figure[]> {
  const own = await bundle(new URL('support/own-receiver.ts', import.meta.url), 'own-receiver')
  const figures: Figure[] = []
  for (const [size, must] of [[512, 1.6], [4096, 2.5]] as const) {
    const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
    const base = await startProcess(fileURLToPath(new URL('support/base-receiver.ts', import.meta.url)))
    const ours = await startProcess(own, [dataDir, String(await freePort()), secret])
    const batches = createBatches(size)
    const next = () => ({ body: batches.next(), spans: batches.spans })
    const headers = { authorization: `Bearer ${secret}` }
    const measure = async ({ child, port }: { child: ChildProcess, port: number }) => {
      const cpu = cpuSeconds(child)
      const { perSecond, acknowledged } = await load({ port, connections: 4, seconds, next, headers })
      return { perSecond, perCpu: acknowledged / (cpuSeconds(child) - cpu) }
    }
    const measured: Record<'base' | 'ours', { perSecond: number, perCpu: number }[]> = { base: [], ours: [] }
    try {
      for (const { port } of [base, ours]) await load({ port, connections: 4, seconds: 1.5, next, headers })
      for (let round = 0; round < rounds; round++) {
        measured.base.push(await measure(base))
        measured.ours.push(await measure(ours))
      }
    }
    finally {
      await Promise.all([stopProcess(base.child), stopProcess(ours.child)])
      rmSync(dataDir, { recursive: true, force: true })
    }
    const middle = (which: 'base' | 'ours', what: 'perSecond' | 'perCpu') => median(measured[which].map(round => round[what]))
    const k = (value: number) => `${Math.round(value / 1000)} k`
    figures.push({
      name: `durable ingest, batches of ${size}, ours ÷ in memory`, value: middle('ours', 'perSecond') / middle('base', 'perSecond'), must, atLeast: true,
      detail: `${k(middle('ours', 'perSecond'))} ÷ ${k(middle('base', 'perSecond'))} spans/s, ${k(middle('ours', 'perCpu'))} ÷ ${k(middle('base', 'perCpu'))} per CPU second`,
    })
  }
  return figures
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
