type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/**
 * Keeps what was typed before the page's code took over. Hydration sets every field to what the code knows of it, and
 * that is what the server wrote; so each field that was touched gets its text back afterwards, and the code hears of it.
 */
export default defineNuxtPlugin((nuxtApp) => {
  const touched = new Map<Field, string | boolean>()
  const note = (field: Field) => touched.set(field, isTicked(field) ? field.checked : field.value)
  const hear = ({ target }: Event) => {
    if (target instanceof Element && target.matches(`${written}, select`)) note(target as Field)
  }

  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(written)) {
    if (isTicked(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue) note(field)
  }
  document.addEventListener('input', hear, true)

  nuxtApp.hooks.hookOnce('app:suspense:resolve', () => {
    document.removeEventListener('input', hear, true)
    for (const [field, value] of touched) {
      if (!field.isConnected) continue
      if (typeof value === 'boolean') (field as HTMLInputElement).checked = value
      else field.value = value
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }))
    }
  })
})

/** A file can be chosen by hand only. */
const written = 'input:not([type=file]), textarea'

function isTicked(field: Field): field is HTMLInputElement {
  return field.type === 'checkbox' || field.type === 'radio'
}
