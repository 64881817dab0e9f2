const written = new WeakMap<object, string>()

/**
 * An answer that many readers share arrives frozen and goes to the browser as the text it was once written as, instead
 * of being walked through for every page.
 */
export default definePayloadPlugin(() => {
  definePayloadReducer('Shared', (value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return false
    let text = written.get(value)
    if (text === undefined) written.set(value, text = JSON.stringify(value))
    return text
  })
  definePayloadReviver('Shared', (text: string) => JSON.parse(text))
})
