import { UInput } from '#components'
import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, describe, expect, it } from 'vitest'
import type { Component } from 'vue'
import { useFirstFocus } from '~/composables/useFirstFocus'

const Field: Component = UInput
const Form = defineComponent(() => {
  useFirstFocus('first')
  return () => h(Field, { ref: 'first', type: 'email' })
})
const mount = async () => {
  const form = await mountSuspended(Form, { attachTo: document.body })
  // The library's own way to focus comes with a timer.
  await new Promise(done => setTimeout(done, 30))
  return form
}

describe('the first field of a form', () => {
  afterEach(() => document.body.replaceChildren())

  it('has the keys when nobody else has', async () => {
    const form = await mount()
    expect(document.activeElement).toBe(form.get('input').element)
  })

  it('leaves them to who is typing elsewhere already', async () => {
    const other = document.body.appendChild(document.createElement('input'))
    other.focus()
    await mount()
    expect(document.activeElement).toBe(other)
  })
})
