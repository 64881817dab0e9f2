import type { z } from 'zod'
import { fieldIssues } from '#shared/schemas/issue'
import type { TextKey } from '#shared/text/text'

interface FormHandle { setErrors: (errors: { name: string, message: string }[]) => void }

/**
 * A form that judges by the schema its route judges by, says what is wrong beside the field, in the reader's language,
 * and keeps what was typed whatever the server answers. `fields` tells which field a refusal belongs to; others stand
 * under the form as `failure`.
 */
export function useApiForm<S extends z.ZodType>(schema: S, send: (input: z.output<S>) => Promise<unknown>, fields: Record<string, string> = {}) {
  const text = useText()
  const form = ref<FormHandle>()
  const busy = ref(false)
  const failure = ref<string>()

  function validate(state: unknown) {
    const result = schema.safeParse(state, { reportInput: true })
    return result.success ? [] : fieldIssues('body', result.error).map(({ field, code, params }) => ({ name: field, message: text(code as TextKey, params) }))
  }

  async function submit(state: unknown) {
    if (busy.value) return
    busy.value = true
    failure.value = undefined
    try {
      await send(schema.parse(state))
    }
    catch (error) {
      show(problemOf(error))
    }
    finally {
      busy.value = false
    }
  }

  function show({ code, params, issues }: Problem) {
    const sentence = text(`error.${code}` as TextKey, params)
    if (issues?.length) form.value?.setErrors(issues.map(({ field, message }) => ({ name: field, message })))
    else if (fields[code]) form.value?.setErrors([{ name: fields[code], message: sentence }])
    else failure.value = sentence
  }

  return { form, busy, failure, validate, submit }
}
