import { globSync, readFileSync } from 'node:fs'

/**
 * The library's components that our templates name, without its prefix. Its own detection reads `app` alone, and the
 * classes of components that nobody uses were half of every page's stylesheet.
 */
export function libraryComponents(root: string): string[] {
  const found = new Set<string>()
  for (const file of globSync('{app,components,pages}/**/*.vue', { cwd: root })) {
    for (const [, name] of readFileSync(`${root}/${file}`, 'utf8').matchAll(/<U([A-Z]\w+)/g)) found.add(name!)
  }
  return [...found].sort()
}
