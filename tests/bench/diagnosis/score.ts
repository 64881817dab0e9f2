import type { Culprit, Diagnosis } from '../../../server/diagnosis/diagnosis.ts'
import type { Truth } from './faults.ts'

export interface Score {
  service: boolean
  topThree: boolean
  place: boolean
  type: boolean
  /** Undefined where the fault has no subset. */
  qualifier?: boolean
}

export function score({ culprit, runnersUp, qualifier }: Pick<Diagnosis, 'culprit' | 'runnersUp' | 'qualifier'>, truth: Truth): Score {
  const isService = (answer: Pick<Culprit, 'service' | 'remote'> | null) => answer !== null && truth.places.some(place => place.service === answer.service || (place.remote !== undefined && place.remote !== null && place.remote === answer.service))
  return {
    service: isService(culprit),
    topThree: [culprit, ...runnersUp.map(runner => runner.culprit)].some(isService),
    place: culprit !== null && truth.places.some(place => place.service === culprit.service && (place.operation === undefined || place.operation === culprit.operation) && (place.remote === undefined || isCalled(culprit.remote, place.remote))),
    type: culprit !== null && [truth.type, ...truth.types ?? []].includes(culprit.type),
    ...(truth.qualifier && { qualifier: qualifier !== null && [qualifier, qualifier.and].some(part => part && truth.qualifier!.value === part.value) }),
  }
}

/** The truth knows a store by its name; a database is called `postgresql/<name>`. */
function isCalled(remote: string | null, name: string | null): boolean {
  return remote === name || (remote !== null && name !== null && remote.endsWith(`/${name}`))
}
