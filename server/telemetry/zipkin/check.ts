import { z } from 'zod'
import type { Clock } from '#server/clock'
import { MINUTE, SECOND } from '#shared/units'
import type { Check, SourceHealth } from '../ports'
import { sourceTrouble, type Upstream } from '../upstream/upstream'

/** Silence longer than this is `late`, ms. */
const patience = 5 * MINUTE
/** For what it stores in, where no check has said so yet, ms. */
const shortly = 1 * SECOND
/** The newest trace is looked for so often at most: it may be a large one. */
const newestEvery = 15 * SECOND

const component = z.looseObject({ status: z.string() })
const health = z.looseObject({ zipkin: z.looseObject({ status: z.string(), details: z.record(z.string(), component).default({}) }) })
const info = z.looseObject({ zipkin: z.looseObject({ version: z.string().max(60) }) })
const config = z.looseObject({ searchEnabled: z.boolean().default(true) })

/** Health, version, what it stores in, whether it searches, how its clock stands to ours. Never throws. */
export function createZipkinCheck({ upstream, clock, newest }: { upstream: Upstream, clock: Clock, newest: (signal?: AbortSignal) => Promise<Date | undefined> }) {
  let searches = true
  let stores: Promise<string | undefined> | undefined
  let looked: { at: number, lastReceived?: Date } | undefined

  async function lastReceived({ anew, signal }: Check): Promise<Date | undefined> {
    if (!looked || anew || clock.monotonic() - looked.at >= newestEvery) looked = { at: clock.monotonic(), lastReceived: await newest(signal).catch(() => looked?.lastReceived) }
    return looked.lastReceived
  }

  async function check(asked: Check = {}): Promise<SourceHealth> {
    const checked = await upstream.check(async (get) => {
      const said = health.safeParse(await get('/health', z.unknown(), { accept: [503] }))
      if (!said.success) throw sourceTrouble('zipkin', 'wrong_product', {}, said.error)
      const { zipkin } = said.data
      const failing = Object.entries(zipkin.details).find(([, { status }]) => status !== 'UP')
      if (zipkin.status !== 'UP') throw sourceTrouble('zipkin', 'unhealthy', { component: failing ? nameOf(failing[0]) : 'Zipkin' })
      const [about, settings] = await Promise.all([get('/info', info), get('/zipkin/config.json', config).catch(() => undefined)])
      return { version: about.zipkin.version, searches: settings?.searchEnabled ?? true, storage: storageOf(said.data) }
    }, asked.signal)
    if ('trouble' in checked) return { state: 'failed', latency: checked.latency, trouble: checked.trouble.params }

    const { found: { version, storage }, latency, clockAhead } = checked
    searches = checked.found.searches
    stores = Promise.resolve(storage)
    const last = searches ? await lastReceived(asked) : undefined
    return {
      state: !searches ? 'ok' : !last ? 'idle' : clock.now().getTime() - last.getTime() > patience ? 'late' : 'ok',
      ...(last && { lastReceived: last }), latency, version,
      found: [...(storage ? [{ code: 'zipkin_storage', params: { storage } }] : []), ...(searches ? [] : [{ code: 'zipkin_no_search' }])],
      ...(clockAhead !== undefined && { clockAhead }),
    }
  }

  return {
    check,
    /** Whether it searches at all, as far as is known; one that does not answers every search with nothing. */
    searches: () => searches,
    /** What it stores in; undefined where it does not say. */
    storage(): Promise<string | undefined> {
      stores ??= upstream.get('/health', health, { accept: [503], deadline: shortly }).then(storageOf, () => {
        stores = undefined
        return undefined
      })
      return stores
    },
  }
}

function storageOf({ zipkin: { details } }: z.output<typeof health>): string | undefined {
  return Object.keys(details).map(nameOf).find(name => name.endsWith('Storage'))
}

/** `ElasticsearchStorage{initialEndpoints=…}` holds addresses behind its name. */
function nameOf(component: string): string {
  return /^\w+/.exec(component)?.[0].slice(0, 60) ?? 'component'
}
