type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

declare global {
  interface Window {
    /** Hears forms from the head of the page on, and holds the one that was sent. */
    __early?: ((event: Event) => void) & { form?: HTMLFormElement }
  }
}

/**
 * Keeps what was typed before the page's code took over. Hydration sets every field to what the code knows of it, and
 * that is what the server wrote; so each field that was touched gets its text back afterwards, and the code hears of it.
 * A form that was sent by then is sent when there is somebody to take it.
 */
export default defineNuxtPlugin((nuxtApp) => {
  const typed = new Map<Field, string | boolean>()
  const heard = new Set<Field>()
  const note = (field: Field) => typed.set(field, isTicked(field) ? field.checked : field.value)
  function hear({ target }: Event) {
    if (!(target instanceof Element) || !target.matches('input:not([type=file]), textarea, select')) return
    note(target as Field)
    heard.add(target as Field)
  }

  // Before anybody listened only text can be told from what a browser ticked again by itself when the page was reloaded.
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input:not([type=file]), textarea')) {
    if (!isTicked(field) && field.value !== field.defaultValue) note(field)
  }
  document.addEventListener('input', hear, true)

  nuxtApp.hooks.hookOnce('app:suspense:resolve', async () => {
    document.removeEventListener('input', hear, true)
    for (const [field, value] of typed) {
      if (!field.isConnected) continue
      if (typeof value === 'boolean') (field as HTMLInputElement).checked = value
      else field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
      if (heard.has(field)) field.dispatchEvent(new Event('change', { bubbles: true }))
    }
    const { __early: early } = window
    if (!early) return
    removeEventListener('submit', early, true)
    await nextTick()
    if (early.form?.isConnected) early.form.requestSubmit()
  })
})

function isTicked(field: Field): field is HTMLInputElement {
  return field.type === 'checkbox' || field.type === 'radio'
}
