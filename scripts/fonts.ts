import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../node_modules/.cache/fonts', import.meta.url))
const resolve = createRequire(import.meta.url).resolve

/**
 * The faces as static files under /fonts with one stylesheet of their own, so that the subsets' 55 KB of @font-face
 * stay out of every page's styles. Read by Nitro's `publicAssets`.
 */
export function fontAssets() {
  const pretendard = dirname(resolve('pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'))
  const mono = dirname(resolve('@fontsource-variable/jetbrains-mono/index.css'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'fonts.css'), [
    readFileSync(join(pretendard, 'pretendardvariable-dynamic-subset.css'), 'utf8'),
    readFileSync(join(mono, 'index.css'), 'utf8'),
  ].join('\n'))
  const maxAge = 30 * 86_400
  return [
    { dir: folder, baseURL: '/fonts', maxAge },
    { dir: join(pretendard, 'woff2-dynamic-subset'), baseURL: '/fonts/woff2-dynamic-subset', maxAge },
    { dir: join(mono, 'files'), baseURL: '/fonts/files', maxAge },
  ]
}
