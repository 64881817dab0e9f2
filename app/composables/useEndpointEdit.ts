import { fromForm, toForm } from '#shared/registry/endpoint-form'
import { changedFields, type FieldName } from '#shared/registry/revision-diff'
import { fieldNames, type Endpoint, type EndpointFields, type Meanwhile, type StaleDetails } from '#shared/schemas/endpoint'

/**
 * One edit, from opening to saving: against the revision that was open, merged with what others saved meanwhile, and
 * where both changed a field held back until a person has chosen.
 */
export function useEndpointEdit(endpoint: Endpoint, refresh: () => Promise<unknown>) {
  const opened = shallowRef(endpoint)
  const { form, issues, problem, busy, submit, reset } = useEndpointForm(toForm(fieldsOf(endpoint)))
  const conflict = shallowRef<StaleDetails>()
  const chosen = ref<Partial<Record<FieldName, 'mine' | 'theirs'>>>({})
  const merged = shallowRef<Meanwhile>()
  const saved = ref<number>()
  const { data: current } = useNuxtData<{ endpoint: Endpoint }>(`endpoint:${endpoint.id}`)

  const mine = computed(() => fromForm(form.value) as EndpointFields)
  const changed = computed(() => changedFields(fieldsOf(opened.value), mine.value))
  const pending = computed(() => conflict.value?.conflicts.filter(field => !chosen.value[field]).length ?? 0)
  const base = computed(() => conflict.value?.theirs.revision ?? opened.value.revision)

  /** Theirs, with what I changed and what was chosen by hand. */
  function resolve(fields: EndpointFields): EndpointFields {
    const details = conflict.value
    if (!details) return fields
    const own = changedFields(details.base.fields, fields).filter(field => !details.conflicts.includes(field) || chosen.value[field] === 'mine')
    return { ...details.theirs.fields, ...Object.fromEntries(own.map(field => [field, fields[field]])) }
  }

  function begin(from: Endpoint) {
    opened.value = from
    reset(toForm(fieldsOf(from)))
    conflict.value = undefined
    chosen.value = {}
  }

  async function reload() {
    await Promise.all([refresh(), refreshNuxtData(`revisions:${endpoint.id}`)])
  }

  async function save() {
    merged.value = saved.value = undefined
    const answer = await submit(fields => send<{ endpoint: Endpoint, merged: Meanwhile | null }>('PUT', `/api/endpoints/${endpoint.id}`, { revision: base.value, fields: resolve(fields) }))
    if (answer) {
      begin(answer.endpoint)
      merged.value = answer.merged ?? undefined
      saved.value = answer.endpoint.revision
      await reload()
    }
    else if (problem.value?.code === 'endpoint.stale') {
      conflict.value = problem.value.details as StaleDetails
      chosen.value = {}
    }
  }

  async function discard() {
    await reload()
    begin(current.value!.endpoint)
  }

  /** A step of its life is a revision too; what is being edited was begun before it and merges with it. */
  async function moved() {
    await reload()
    if (!changed.value.length) begin(current.value!.endpoint)
  }

  return { form, issues, problem, busy, conflict, chosen, changed, pending, next: computed(() => base.value + 1), merged, saved, mine, save, discard, moved }
}

function fieldsOf(endpoint: Endpoint): EndpointFields {
  return Object.fromEntries(fieldNames.map(name => [name, endpoint[name]])) as unknown as EndpointFields
}
