import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'
import { iconNames } from '../components/app/icon-names.ts'

/** `import icons from '#lucide'` gives the SVG bodies of the icons named in icon-names.ts, and of no other. */
export function lucidePlugin(): Plugin {
  const id = '\0lucide'
  return {
    name: 'bongsu:lucide',
    resolveId: source => (source === '#lucide' ? id : undefined),
    load(source) {
      if (source !== id) return
      const path = createRequire(import.meta.url).resolve('@iconify-json/lucide/icons.json')
      const { icons, aliases } = JSON.parse(readFileSync(path, 'utf8')) as { icons: Record<string, { body: string }>, aliases: Record<string, { parent: string }> }
      const bodies = Object.fromEntries(iconNames.map((name) => {
        const icon = icons[name] ?? icons[aliases[name]?.parent ?? '']
        if (!icon) throw new Error(`Lucide has no icon "${name}" (components/app/icon-names.ts)`)
        return [name, icon.body]
      }))
      return `export default ${JSON.stringify(bodies)}`
    },
  }
}
