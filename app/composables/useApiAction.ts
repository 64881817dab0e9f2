import type { TextKey } from '#shared/text/text'

/** One press of a button that changes something: busy while it lasts, and the sentence of what was refused. */
export function useApiAction() {
  const text = useText()
  const busy = ref(false)
  const failure = ref<string>()

  async function run(action: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failure.value = undefined
    try {
      await action()
      return true
    }
    catch (error) {
      const { code, params } = problemOf(error)
      failure.value = text(`error.${code}` as TextKey, params)
      return false
    }
    finally {
      busy.value = false
    }
  }

  return { busy, failure, run }
}
