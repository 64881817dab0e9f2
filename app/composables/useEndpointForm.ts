import { formIssues, fromForm, type EndpointForm } from '#shared/registry/endpoint-form'
import { endpointFields, type EndpointFields } from '#shared/schemas/endpoint'
import type { Problem } from './problem'

/** A form being filled: checked by the schema that the server uses, told by field, quiet until first sent. */
export function useEndpointForm(initial: EndpointForm) {
  const text = useText()
  const form = ref<EndpointForm>({ ...initial })
  const sent = ref(false)
  const refused = ref<Record<string, string>>({})
  const problem = ref<Problem>()
  const busy = ref(false)

  const parsed = computed(() => endpointFields.safeParse(fromForm(form.value), { reportInput: true }))
  const issues = computed<Record<string, string | undefined>>(() => {
    if (!sent.value) return {}
    const own = parsed.value.success ? [] : Object.entries(formIssues(parsed.value.error)).map(([name, sentence]) => [name, text.sentence(sentence)])
    return { ...refused.value, ...Object.fromEntries(own) }
  })
  watch(form, () => (refused.value = {}), { deep: true })

  /** Sends what the form holds once it is right; what the server finds wrong comes back to its field. */
  async function submit<T>(send: (fields: EndpointFields) => Promise<T>): Promise<T | undefined> {
    sent.value = true
    problem.value = undefined
    if (!parsed.value.success || busy.value) return
    busy.value = true
    try {
      return await send(parsed.value.data)
    }
    catch (error) {
      problem.value = problemOf(error)
      refused.value = Object.fromEntries(problem.value.issues?.map(issue => [issue.field.replace(/^fields\./, '').split('.')[0]!, issue.message]) ?? [])
    }
    finally {
      busy.value = false
    }
  }

  function reset(to: EndpointForm) {
    form.value = to
    sent.value = false
    problem.value = undefined
  }

  return { form, issues, problem, busy, submit, reset }
}
