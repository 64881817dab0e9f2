import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { baseParse, NodeTypes, type AttributeNode, type DirectiveNode, type ElementNode, type NodeTransform, type TemplateChildNode } from '@vue/compiler-dom'
import type { Plugin } from 'vite'
import { iconNames, type IconName } from '../components/app/icon-names.ts'

let cache: Record<IconName, string> | undefined

function bodies(): Record<IconName, string> {
  if (cache) return cache
  const path = createRequire(import.meta.url).resolve('@iconify-json/lucide/icons.json')
  const { icons, aliases } = JSON.parse(readFileSync(path, 'utf8')) as { icons: Record<string, { body: string }>, aliases: Record<string, { parent: string }> }
  return cache = Object.fromEntries(iconNames.map((name) => {
    const icon = icons[name] ?? icons[aliases[name]?.parent ?? '']
    if (!icon) throw new Error(`Lucide has no icon "${name}" (components/app/icon-names.ts)`)
    return [name, icon.body]
  })) as Record<IconName, string>
}

/** `import icons from '#lucide'` gives the SVG bodies of the icons named in icon-names.ts, and of no other. */
export function lucidePlugin(): Plugin {
  const id = '\0lucide'
  return {
    name: 'bongsu:lucide',
    resolveId: source => (source === '#lucide' ? id : undefined),
    load: source => (source === id ? `export default ${JSON.stringify(bodies())}` : undefined),
  }
}

/**
 * Draws `<AppIcon name="x">` while the template is compiled, where its name, size and label are constants: a page has
 * thirty of them, and a component costs thirty times what its element does. What is decided at run time stays a component.
 */
export const inlineIcons: NodeTransform = (root) => {
  if (root.type === NodeTypes.ROOT) root.children.forEach(inline)
}

function inline(node: TemplateChildNode): void {
  if (node.type !== NodeTypes.ELEMENT) return
  if (node.tag === 'AppIcon') draw(node)
  else node.children.forEach(inline)
}

function draw(icon: ElementNode): void {
  const named = (name: string) => icon.props.find(prop => (prop.type === NodeTypes.ATTRIBUTE ? prop.name === name : prop.arg?.type === NodeTypes.SIMPLE_EXPRESSION && prop.arg.content === name))
  const name = constant(named('name'))
  const size = named('size') ? constant(named('size')) : '16'
  if (!name || !size || named('label')) return
  const body = bodies()[name as IconName]
  if (!body) throw new Error(`<AppIcon name="${name}">: not in components/app/icon-names.ts`)

  const [svg] = baseParse(`<svg width="${size}" height="${size}" viewBox="0 0 24 24" aria-hidden="true">${body}</svg>`, { parseMode: 'html', getNamespace }).children as [ElementNode]
  const own = icon.props.filter(prop => prop !== named('name') && prop !== named('size') && !isClass(prop))
  const shape = icon.props.find(isClass)
  svg.props.push({ ...svg.props[0]!, name: 'class', value: { type: NodeTypes.TEXT, content: shape?.value ? `shrink-0 ${shape.value.content}` : 'shrink-0', loc: icon.loc } } as AttributeNode)
  Object.assign(icon, { tag: 'svg', tagType: svg.tagType, ns: svg.ns, props: [...svg.props, ...own], children: svg.children, isSelfClosing: false })
}

/** What a property is written as, where it cannot change. */
function constant(prop: AttributeNode | DirectiveNode | undefined): string | undefined {
  if (prop?.type === NodeTypes.ATTRIBUTE) return prop.value?.content
  return prop?.exp?.type === NodeTypes.SIMPLE_EXPRESSION && /^\d+$/.test(prop.exp.content) ? prop.exp.content : undefined
}

function isClass(prop: AttributeNode | DirectiveNode): prop is AttributeNode {
  return prop.type === NodeTypes.ATTRIBUTE && prop.name === 'class'
}

/** All of an icon is SVG. */
function getNamespace(): 1 {
  return 1
}
