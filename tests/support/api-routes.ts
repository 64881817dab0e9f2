/// <reference types="vite/types/importMeta.d.ts" />
/**
 * The routes as Nitro finds them, by the names of their files; stands for `#api-routes`, which only a build knows. The
 * browser tests compare it with what the build says.
 */
const files = import.meta.glob<unknown>('../../server/api/**/*.ts', { eager: true, import: 'default' })

export default Object.entries(files).map(([file, handler]) => {
  const bare = file.replace(/^.*\/server\/api/, '/api').replace(/\.ts$/, '')
  const method = /\.(get|head|post|put|patch|delete|options|trace|connect)$/.exec(bare)?.[1]
  const path = bare
    .slice(0, method ? -method.length - 1 : undefined)
    .replace(/\/index$/, '')
    .replaceAll(/\[\.\.\.\w*\]/g, '**')
    .replaceAll(/\[(\w+)\]/g, ':$1')
  return { path, method: method ?? 'all', handler }
})
