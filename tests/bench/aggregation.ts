import { fileURLToPath } from 'node:url'
import { bundle } from './support/bundle.ts'
import { startProcess, stopProcess } from './support/processes.ts'
import type { Figure } from './support/report.ts'

/** Reading from backends: what our client adds, three of them together, many who look at once, large traces. */
export async function run(): Promise<Figure[]> {
  const { compareCalls, compareFanOut, follow, readTrace } = await import(await bundle(new URL('support/aggregate.ts', import.meta.url), 'aggregate')) as typeof import('./support/aggregate.ts')
  const backends = await Promise.all([1, 2, 3].map(() => startProcess(fileURLToPath(new URL('support/slow-backend.ts', import.meta.url)), [])))
  try {
    const urls = backends.map(({ port }) => `http://127.0.0.1:${port}`)
    const call = await compareCalls(urls[0]!)
    const fanOut = await compareFanOut(urls)
    const viewers = await follow(urls[0]!, { viewers: 32, seconds: 10 })
    const traces = [await readTrace(urls[0]!, 10_000, 5), await readTrace(urls[0]!, 50_000, 3)]
    return [
      { name: 'one call, added p50, ms', value: call.ours - call.bare, detail: `${call.ours.toFixed(2)} ms − ${call.bare.toFixed(2)} ms` },
      { name: 'three backends of 20 ms ÷ one direct call, p50', value: fanOut.three / fanOut.one, must: 1.1, detail: `${fanOut.three.toFixed(1)} ms ÷ ${fanOut.one.toFixed(1)} ms` },
      { name: 'backend calls under 32 identical viewers ÷ refreshes', value: viewers.calls / viewers.refreshes, must: 1.2, detail: `${viewers.calls} ÷ ${viewers.refreshes}, ${viewers.answers} answers` },
      ...traces.map(({ bytes, ours, size }, i): Figure => ({
        name: `cold trace of ${i ? '50k' : '10k'} from Zipkin ÷ reading its bytes`, value: ours / bytes, detail: `${ours.toFixed(0)} ms ÷ ${bytes.toFixed(0)} ms, ${(size / 1e6).toFixed(0)} MB`,
      })),
    ]
  }
  finally {
    for (const { child } of backends) await stopProcess(child)
  }
}
