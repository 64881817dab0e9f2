import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median, type Figure } from '../support/report.ts'

export interface Cost { spans: number, traces: number, first: number, again: number[], processor: number[], memory: number, blocked: number, worked: number }

/** In a process of its own, so that nothing else counts. */
export function measureCost(): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('cost-child.ts', import.meta.url)), { execArgv: ['--expose-gc', '--import', './scripts/resolve.mjs'] })
    child.on('error', reject)
    child.on('exit', code => code && reject(new Error(`the measurement ended with ${code}`)))
    child.on('message', (cost: Cost) => resolve([
      { name: 'one analysis in a warm worker, ms', value: median(cost.again), must: 600, detail: `median of ${cost.again.length}; ${cost.traces} traces, ${cost.spans} spans; the first takes ${Math.round(cost.first)} ms, the worker's start included` },
      { name: 'processor time of it, all threads, ms', value: median(cost.processor), detail: 'what it takes where others are at work, too' },
      { name: 'memory it adds to the process, MB', value: cost.memory, must: 150, detail: 'highest resident size above that with the input alone' },
      { name: 'longest the main thread was at work on it, ms', value: cost.worked, must: 50, detail: `its processor time between two looks 5 ms apart; by the clock it was held up for ${cost.blocked.toFixed(0)} ms, waiting for a processor included` },
    ]))
  })
}
