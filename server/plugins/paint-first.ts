import { defineNitroPlugin } from 'nitropack/runtime'

/**
 * The page first, then its scripts (docs/decisions/0011): they are fetched meanwhile, but read once what the server wrote
 * has been painted. As a module of the document the entry would run before that, because by then it has often arrived.
 * A page that nobody looks at paints nothing and need not wait.
 */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('render:html', (html) => {
    html.head = html.head.map(chunk => chunk.replace(entry, (_, src: string) => `<script>${afterPaint(src)}</script>`).replace(preload, '<link rel="preload" as="script"'))
  })
})

const entry = /<script type="module" src="(\/_nuxt\/[\w.-]+\.js)" crossorigin><\/script>/
/** Fetched without being read: as modules they would be compiled at once. */
const preload = /<link rel="modulepreload" as="script"/g

function afterPaint(src: string): string {
  return `addEventListener('DOMContentLoaded',()=>{const start=()=>import(${JSON.stringify(src)});document.hidden?start():requestAnimationFrame(()=>setTimeout(start))})`
}
