import { compile } from '@vue/compiler-dom'
import { describe, expect, it } from 'vitest'
import { inlineIcons } from '../../scripts/lucide-plugin.ts'

const code = (template: string) => compile(template, { nodeTransforms: [inlineIcons] }).code

describe('an icon in a template', () => {
  it('is drawn while it is compiled, with its size, class and condition', () => {
    const drawn = code('<div><AppIcon v-if="open" name="check" :size="14" class="text-success" /></div>')
    expect(drawn).not.toContain('AppIcon')
    for (const part of ['"svg"', 'width: "14"', '"aria-hidden": "true"', 'shrink-0 text-success', '"path"', 'open']) expect(drawn).toContain(part)
  })

  it('keeps a class that is decided later beside its own', () => {
    expect(code('<AppIcon name="check" :class="bad && \'text-error\'" />')).toMatch(/normalizeClass\(\["shrink-0", bad && 'text-error'\]\)/)
  })

  it.each(['<AppIcon :name="kind" />', '<AppIcon name="check" :label="word" />', '<AppIcon name="check" :size="big ? 20 : 14" />'])('stays a component where it is decided at run time: %s', (template) => {
    expect(code(template)).toContain('AppIcon')
  })

  it('that does not exist fails the build', () => {
    expect(() => code('<AppIcon name="no-such-icon" />')).toThrow('icon-names.ts')
  })
})
