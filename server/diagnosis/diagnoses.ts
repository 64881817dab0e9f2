import type { Clock } from '#server/clock'
import type { MetricSource } from '#server/telemetry/ports'
import { AppError } from '#shared/errors'
import type { DiagnoseRange } from '#shared/schemas/diagnose-range'
import { windowOf } from '#shared/schemas/time-range'
import { MINUTE, type TimeWindow } from '#shared/units'
import { collectDiagnosisInput, type CollectPorts, type CollectQuery } from './collect'
import type { Diagnoser } from './diagnoser'
import type { Disturbed } from './disturbed'
import type { Diagnosis } from './verdict'

export interface DiagnosesDependencies {
  ports: Omit<CollectPorts, 'clock' | 'metrics'> & { metrics: CollectPorts['metrics'] & Pick<MetricSource, 'services'> }
  clock: Clock
  diagnoser: Pick<Diagnoser, 'diagnose'>
  register: {
    services: () => { name: string }[]
    /** Any, retired ones too; throws where there is none. */
    endpoint: (id: string) => { service: string, method: string, routeKey: string }
  }
  /** Windows in which an incident was open at a service. */
  excluded?: (service: string) => readonly TimeWindow[]
}

export type Diagnoses = ReturnType<typeof createDiagnoses>

/** Analyses of real telemetry: of a disturbance that was noticed, or of a range that somebody chose. */
export function createDiagnoses({ ports, clock, diagnoser, register, excluded = () => [] }: DiagnosesDependencies) {
  const underway = new Map<string, { question: string, answer: Promise<Diagnosis> }>()

  /** Reads the sources and judges. Never throws for a source that fails; rejects where the worker ends. */
  async function run(query: CollectQuery): Promise<Diagnosis> {
    return diagnoser.diagnose(await collectDiagnosisInput(query, { ...ports, clock }))
  }

  async function subjectOf({ endpoint, service }: DiagnoseRange): Promise<Disturbed> {
    if (endpoint !== undefined) {
      const { service, method, routeKey } = register.endpoint(endpoint)
      return { service, method, routeKey }
    }
    // One that was just heard of is not in the register yet.
    const isKnown = register.services().some(({ name }) => name === service) || (await ports.metrics.services()).some(seen => seen.service.toLowerCase() === service)
    if (!isKnown) throw new AppError('service.not_found', { name: service ?? '' })
    return { service: service! }
  }

  return {
    run,

    /**
     * What is different in a range from the hour before it. A range that stays is the disturbance, from its beginning
     * on; one that moves ends now, and when it began is searched for. Who asks the same as somebody else gets the same
     * answer; of one subject one range is looked at at a time.
     */
    async range(input: DiagnoseRange): Promise<Diagnosis> {
      const subject = await subjectOf(input)
      const name = JSON.stringify(subject)
      const question = JSON.stringify([input.from, input.to])
      for (let current = underway.get(name); current; current = underway.get(name)) {
        if (current.question === question) return current.answer
        await current.answer.catch(() => {})
      }
      const window = windowOf(input, clock.now())
      const isFixed = input.from !== undefined && input.to !== undefined
      const at = window.to < clock.now() ? window.to : clock.now()
      // Those that are over; one that is not may be what is asked about.
      const before = isFixed ? window.from.getTime() : at.getTime() - MINUTE
      const answer = run({ at, symptoms: [subject], isAsked: true, ...(isFixed && { onset: window.from }), excluded: excluded(subject.service).filter(({ to }) => to.getTime() <= before) })
      const entry = { question, answer }
      underway.set(name, entry)
      return answer.finally(() => underway.delete(name))
    },
  }
}
