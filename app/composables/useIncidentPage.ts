import type { InjectionKey } from 'vue'
import type { TimelineEntry } from '#shared/schemas/full-incident'
import type { IncidentRevision } from '#shared/schemas/incident-commands'
import type { Incident } from '#shared/schemas/incident-detail'
import type { TextKey } from '#shared/text/text'

/** What the parts of an incident's page share: the incident, and the one way to change it. */
export interface IncidentPage {
  incident: Readonly<Ref<Incident>>
  busy: Readonly<Ref<boolean>>
  /** The sentence of what was refused last. */
  failure: Ref<string | undefined>
  /** What others did between what was on the screen and what was pressed; nothing was sent over it. */
  meanwhile: Ref<{ entries: TimelineEntry[] } | undefined>
  /** Sends a decision with the revision on the screen; what was typed stays with the caller, who may press again. */
  decide: (verb: 'take' | 'acknowledge' | 'assignee' | 'resolve' | 'reopen' | 'merge' | 'split', body?: Record<string, unknown>) => Promise<boolean>
  /** Sends what asks for no revision: a note, an update, that somebody was told. */
  add: (what: 'notes' | 'updates' | 'told', body: Record<string, unknown>) => Promise<boolean>
  /** Tells operations; refused, it throws. */
  report: (text: string) => Promise<void>
  /** Whether one wants to hear of it, and whether mail can arrive at all; refused, it throws. */
  follow: (following: boolean) => Promise<{ following: boolean, mail: boolean }>
}

const key: InjectionKey<IncidentPage> = Symbol('incident page')

export function provideIncidentPage(incident: Ref<Incident>, refresh: () => Promise<unknown>): IncidentPage {
  const text = useText()
  const busy = ref(false)
  const failure = ref<string>()
  const meanwhile = shallowRef<{ entries: TimelineEntry[] }>()

  async function run(method: 'POST' | 'PUT', verb: string, body: Record<string, unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failure.value = undefined
    const seen = incident.value
    try {
      await send<IncidentRevision>(method, `/api/incidents/${seen.id}/${verb}`, body)
      meanwhile.value = undefined
      await refresh()
      return true
    }
    catch (error) {
      const { code, params } = problemOf(error)
      if (code === 'incident.stale') {
        await refresh()
        const known = new Set(seen.full?.timeline.map(({ id }) => id))
        meanwhile.value = { entries: (incident.value.full?.timeline ?? []).filter(({ id }) => !known.has(id)) }
      }
      else failure.value = text(`error.${code}` as TextKey, params)
      return false
    }
    finally {
      busy.value = false
    }
  }

  const page: IncidentPage = {
    incident, busy, failure, meanwhile,
    decide: (verb, body = {}) => run(verb === 'assignee' ? 'PUT' : 'POST', verb, { ...body, revision: incident.value.revision }),
    add: (what, body) => run(what === 'told' ? 'PUT' : 'POST', what, body),
    async report(said) {
      await send('POST', `/api/incidents/${incident.value.id}/reports`, { text: said })
      await refresh()
    },
    async follow(following) {
      const answer = await send<{ following: boolean, mail: boolean }>('PUT', `/api/incidents/${incident.value.id}/following`, { following })
      await refresh()
      return answer
    },
  }
  provide(key, page)
  return page
}

export function useIncidentPage(): IncidentPage {
  return inject(key)!
}
