import { h, type VNode } from 'vue'
import bodies from '#lucide'
import type { IconName } from './icon-names'

/**
 * An icon decided at run time, for `<component :is>`; decoration, unless it has a label. The bodies are constants of the
 * build, never data. A `v-html` would count as what can change, and hydration writes that anew: every icon of a page
 * would be taken apart and drawn a second time.
 */
export function drawIcon(name: IconName, { size = 16, label }: { size?: number, label?: string } = {}): VNode {
  return h('svg', { 'class': 'shrink-0', 'width': size, 'height': size, 'viewBox': '0 0 24 24', 'role': label && 'img', 'aria-label': label, 'aria-hidden': label ? undefined : 'true', 'innerHTML': bodies[name] })
}
