/** What went wrong, as the span says that is nearest to where it began. */
export interface Told {
  errorType: string | null
  /** When that span ended; null where it was stored without. */
  errorEndedAt: number | null
}

/** A trace as lists show it, merged from what each batch brings. Numbers are those of the dictionary. */
export interface Summary extends Told {
  id: number
  traceId: Uint8Array
  startedAt: number
  endedAt: number
  spans: number
  /** 1 once the true root is here, 0 while the earliest span stands in for it. */
  rooted: 0 | 1
  rootStartedAt: number
  rootServiceId: number
  rootOperationId: number
  rootKind: number
  rootRouteId: number | null
  rootDuration: number
  status: number | null
  consumerId: number | null
  failed: 0 | 1
  parts: Part[]
}

/** One service's part in it. */
export interface Part extends Told {
  serviceId: number
  startedAt: number
  spans: number
  /** `,12,7,` */
  operations: string
  routes: string
  remotes: string
  consumerId: number | null
  failed: 0 | 1
  status: number | null
  requestDuration: number | null
  requestSpan: Uint8Array | null
  resourceId: number
  /** Where it lies in the file; undefined while it does not. */
  storedAt: number | undefined
  changed: boolean
}

/** Of a trace or a part's longest list of numbers, in characters. */
const longestList = 1_000

export function emptySummary(traceId: Uint8Array): Summary {
  return {
    id: 0, traceId, startedAt: Infinity, endedAt: 0, spans: 0, rooted: 0, rootStartedAt: Infinity, rootServiceId: 0, rootOperationId: 0, rootKind: 0, rootRouteId: null,
    rootDuration: 0, status: null, consumerId: null, failed: 0, errorType: null, errorEndedAt: null, parts: [],
  }
}

export function partOf(summary: Summary, serviceId: number): Part {
  for (const part of summary.parts) if (part.serviceId === serviceId) return part
  const part: Part = {
    serviceId, startedAt: Infinity, spans: 0, operations: ',', routes: ',', remotes: ',', consumerId: null, failed: 0, status: null, requestDuration: null, requestSpan: null,
    errorType: null, errorEndedAt: null, resourceId: 0, storedAt: undefined, changed: true,
  }
  summary.parts.push(part)
  return part
}

/** `,12,7,` with one more, if it is new. */
export function withNumber(list: string, id: number): string {
  return list.length > longestList || list.includes(`,${id},`) ? list : `${list}${id},`
}

/** Services in order of appearance, as a list of numbers. */
export function servicesOf({ parts }: Summary): string {
  if (parts.length === 1) return `,${parts[0]!.serviceId},`
  return `,${parts.toSorted((a, b) => a.startedAt - b.startedAt).map(part => part.serviceId).join(',')},`
}

/**
 * What went wrong as its origin says it: `timeout` there is a `502` to everybody above, and to who only knows that
 * something failed, an `ERROR`. Of equals the one that ended first, in whatever order they came: what fails above
 * ends after what made it fail.
 */
export function hear(known: Told, fresh: Told): void {
  const more = wordsOf(fresh.errorType) - wordsOf(known.errorType)
  if (more < 0 || fresh.errorType === null) return
  if (more === 0 && (fresh.errorEndedAt ?? Infinity) >= (known.errorEndedAt ?? 0)) return
  known.errorType = fresh.errorType
  known.errorEndedAt = fresh.errorEndedAt
}

function wordsOf(errorType: string | null): number {
  if (errorType === null) return 0
  if (errorType === 'ERROR') return 1
  return /^\d{3}$/.test(errorType) ? 2 : 3
}

/** Adds what a batch brought to what was known before; the first word counts where both have one. */
export function mergeSummary(known: Summary, fresh: Summary): Summary {
  if (fresh.rooted > known.rooted || (fresh.rooted === known.rooted && fresh.rootStartedAt < known.rootStartedAt)) {
    const { rooted, rootStartedAt, rootServiceId, rootOperationId, rootKind, rootRouteId, rootDuration, status } = fresh
    Object.assign(known, { rooted, rootStartedAt, rootServiceId, rootOperationId, rootKind, rootRouteId, rootDuration, status })
  }
  known.startedAt = Math.min(known.startedAt, fresh.startedAt)
  known.endedAt = Math.max(known.endedAt, fresh.endedAt)
  known.spans += fresh.spans
  known.consumerId ??= fresh.consumerId
  known.failed ||= fresh.failed
  hear(known, fresh)
  for (const part of fresh.parts) mergePart(partOf(known, part.serviceId), part)
  return known
}

function mergePart(known: Part, fresh: Part): void {
  if (fresh.requestDuration !== null && (known.requestDuration === null || fresh.requestDuration > known.requestDuration)) {
    const { requestDuration, requestSpan, status } = fresh
    Object.assign(known, { requestDuration, requestSpan, status })
  }
  known.startedAt = Math.min(known.startedAt, fresh.startedAt)
  known.spans += fresh.spans
  for (const id of fresh.operations.split(',').filter(Boolean)) known.operations = withNumber(known.operations, Number(id))
  for (const id of fresh.routes.split(',').filter(Boolean)) known.routes = withNumber(known.routes, Number(id))
  for (const id of fresh.remotes.split(',').filter(Boolean)) known.remotes = withNumber(known.remotes, Number(id))
  known.consumerId ??= fresh.consumerId
  known.failed ||= fresh.failed
  hear(known, fresh)
  known.resourceId ||= fresh.resourceId
  known.changed = true
}
