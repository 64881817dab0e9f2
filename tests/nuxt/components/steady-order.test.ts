import { mountSuspended, registerEndpoint } from '@nuxt/test-utils/runtime'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { useSteadyOrder } from '~/composables/useSteadyOrder'

registerEndpoint('/api/session', () => ({ user: null, environment: { name: 'test', zone: 'UTC' } }))

const List = defineComponent({
  props: { items: { type: Array as () => { key: string, figure: number }[], required: true } },
  setup(props) {
    const { list, hold } = useSteadyOrder(() => props.items, item => item.key)
    return () => h('ul', hold, list.value.map(item => h('li', { key: item.key }, `${item.key}${item.figure}`)))
  },
})
const items = (...keys: string[]) => keys.map((key, i) => ({ key, figure: i }))

it('rows keep their place under the pointer while their figures change, and move when it leaves', async () => {
  const list = await mountSuspended(List, { props: { items: items('a', 'b', 'c') } })
  const shown = () => list.findAll('li').map(row => row.text())
  expect(shown()).toEqual(['a0', 'b1', 'c2'])

  list.element.dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }))
  await list.setProps({ items: items('c', 'new', 'a', 'b') })
  expect(shown()).toEqual(['a2', 'b3', 'c0', 'new1'])

  list.element.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }))
  await list.vm.$nextTick()
  expect(shown()).toEqual(['c0', 'new1', 'a2', 'b3'])
})
