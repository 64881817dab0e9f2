import { startWorker, type WorkerClient } from '#server/telemetry/worker-port'
import type { diagnose } from './diagnose'
import workerUrl from './diagnosis-worker?worker'
import type { DiagnosisInput } from './input'
import type { Parameters } from './parameters'
import { buffersOf } from '#shared/trace/trace-columns'
import type { Diagnosis } from './verdict'

export type DiagnosisVerbs = { diagnose: typeof diagnose }

export interface Diagnoser {
  /**
   * One analysis at a time, in the order they were asked for. The columns of `input.traces` move to the worker: they are
   * empty here afterwards. Rejects with `WorkerGone` when the worker ends on the way; the next one starts another.
   */
  diagnose: (input: DiagnosisInput, parameters?: Parameters) => Promise<Diagnosis>
  close: () => Promise<void>
}

/** Analyses off the main thread. The worker starts with the first question; its memory is bounded, so that no input can take the server with it. */
export function createDiagnoser(): Diagnoser {
  let worker: WorkerClient<DiagnosisVerbs> | undefined

  function start(): WorkerClient<DiagnosisVerbs> {
    const started = startWorker<DiagnosisVerbs>(workerUrl, {}, { resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 } })
    void started.ended.then(() => {
      if (worker === started) worker = undefined
    })
    return started
  }

  return {
    diagnose: (input, parameters) => (worker ??= start()).ask('diagnose', parameters ? [input, parameters] : [input], buffersOf(input.traces)),
    async close() {
      await worker?.terminate()
      worker = undefined
    },
  }
}
