import type { SentDiagnosis } from '#shared/schemas/diagnosis'

/** An analysis of an endpoint or a service, asked for by a person; what was found stays until the subject or the range is another. */
export function useDiagnosis(subject: MaybeRefOrGetter<{ endpoint: string } | { service: string }>, range: MaybeRefOrGetter<Record<string, string>>) {
  const { busy, failure, run } = useApiAction()
  const found = shallowRef<SentDiagnosis>()
  const question = computed(() => ({ ...toValue(subject), ...toValue(range) }))
  watch(() => JSON.stringify(question.value), () => close())

  function close() {
    found.value = undefined
    failure.value = undefined
  }

  function ask() {
    const asked = question.value
    return run(async () => {
      const answer = await send<SentDiagnosis>('POST', '/api/diagnoses', asked)
      if (asked === question.value) found.value = answer
    })
  }

  return { found, busy, failure, ask, close }
}
