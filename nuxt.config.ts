import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownFaces, wholeFaces } from './scripts/fonts'
import { libraryComponents } from './scripts/library-components'
import { inlineIcons, lucidePlugin } from './scripts/lucide-plugin'
import { migrationsPlugin } from './scripts/migrations-plugin'
import { serverAliases, workerPlugin } from './scripts/worker-plugin'
import { everywhere } from './shared/text/rooms'

const inRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const faces = await ownFaces()
const whole = wholeFaces()
const developing = process.env.NODE_ENV === 'development'

export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  modules: ['@nuxt/ui', '@nuxt/eslint'],
  devtools: { enabled: false },
  telemetry: false,

  dir: { pages: '../pages' },
  vite: {
    plugins: [lucidePlugin()],
    define: { 'import.meta.env.WHOLE_FACES': JSON.stringify(whole.stylesheet) },
    vue: { template: { compilerOptions: { nodeTransforms: [inlineIcons] } } },
    $client: {
      // What most pages need is two files, not one a component: a page asked for forty.
      build: { rolldownOptions: { output: { codeSplitting: { groups: [
        { name: 'core', test: /node_modules\/(?:@vue|vue|vue-router|unhead|@unhead|hookable|nuxt|ofetch|ufo|defu|devalue)\//, minShareCount: 4 },
        // Texts of what every page shows, and of its figures; a page of another room adds that room's.
        ...['en', 'ko'].map(language => ({ name: `text-${language}`, test: new RegExp(`/shared/text/${language}/(?:${everywhere.join('|')})\\.ts`), minShareCount: 1 })),
        { name: 'shell', test: /\/(?:components\/(?:app|state|chart)|app\/composables|shared\/(?:chart|status|text)|shared\/\w+\.ts)/, minShareCount: 4, maxModuleSize: 8_000 },
      ] } } } },
    },
  },
  // A component's file name is its tag.
  components: [{ path: '~~/components', pathPrefix: false, extensions: ['.vue'] }],
  alias: { ...serverAliases, '#faces': faces },
  css: [`${faces}/faces.css`, '~/assets/css/main.css'],
  // Styles in the page would come a second time with its scripts, and everything they match be styled twice.
  features: { inlineStyles: false },

  app: {
    head: {
      meta: [{ name: 'viewport', content: 'width=device-width, initial-scale=1' }],
      link: [
        { rel: 'icon', type: 'image/svg+xml', href: '/mark.svg' },
      ],
      // The policy forbids eval: without this the schemas try it, and every page would be reported for it.
      // A form that scripts send waits for them (`typed-early.client.ts`): a browser would send it as a page.
      script: [
        { innerHTML: 'globalThis.__zod_globalConfig={jitless:true}' },
        { innerHTML: `addEventListener('submit',globalThis.__early=e=>{if(e.target.matches('form:not([action],[method=get])')){e.preventDefault();e.stopImmediatePropagation();__early.form=e.target}},true)` },
      ],
    },
  },

  // Nothing is fetched from elsewhere at build or run time.
  ui: { fonts: false, colorMode: true, experimental: { componentDetection: libraryComponents(inRoot('.')) }, theme: { colors: ['primary', 'secondary', 'success', 'info', 'warning', 'error'] } },
  icon: { provider: 'none', mode: 'svg', serverBundle: 'local', clientBundle: { scan: { globInclude: ['{app,components,pages}/**/*.{vue,ts}'], globExclude: ['node_modules', '.output', '.nuxt'] } } },
  // Without this the colour mode plugin writes a style element that no nonce can bless.
  colorMode: { disableTransition: false },

  experimental: {
    typedPages: true,
    // The payload would be a second door to a page's data.
    payloadExtraction: false,
    // Else every page loads the scripts of all pages its menu leads to.
    defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } },
  },
  sourcemap: { server: 'hidden', client: false },

  typescript: {
    strict: true,
    tsConfig: {
      include: ['../components/**/*', '../pages/**/*', '../shared/types/**/*.d.ts'],
      compilerOptions: { noUncheckedIndexedAccess: true },
    },
    nodeTsConfig: {
      include: ['../*.config.ts', '../scripts/**/*.ts', '../tests/e2e/**/*', '../tests/bench/**/*', '../tests/backends/**/*', '../demo/**/*', '../shared/types/**/*.d.ts'],
      compilerOptions: { allowImportingTsExtensions: true, noUncheckedIndexedAccess: true, paths: { '#server/*': ['../server/*'], '#shared/*': ['../shared/*'] } },
    },
  },

  nitro: {
    imports: { autoImport: false },
    // Node 24 runs all of it. For older targets a class field becomes a call of defineProperty: reading spans took twice as long.
    esbuild: { options: { target: 'esnext' } },
    // A handler of one's own takes the place of Nuxt's, which renders error.vue: it comes second.
    errorHandler: ['~~/server/http/error-handler', inRoot('node_modules/@nuxt/nitro-server/dist/runtime/handlers/error.mjs')],
    publicAssets: whole.assets,
    alias: serverAliases,
    typescript: {
      tsConfig: {
        include: ['../tests/unit/**/*', '../tests/contract/**/*', '../tests/support/**/*', '../shared/types/**/*.d.ts'],
        compilerOptions: { noUncheckedIndexedAccess: true },
      },
    },
    externals: { traceInclude: [inRoot('node_modules/better-sqlite3/lib/index.js')] },
    rollupConfig: {
      plugins: [
        workerPlugin(developing ? { writeTo: inRoot('node_modules/.cache/workers') } : {}),
        migrationsPlugin({ emit: !developing }),
      ],
    },
  },
  // In production the entry listens, drains and exits (server/entry.ts); in development Nitro has its own.
  $production: { nitro: { entry: inRoot('server/entry.ts') } },

  hooks: {
    // Nuxt UI's plugin writes its colours into every page; ours are in the stylesheet.
    'app:resolve': (app) => {
      app.plugins = app.plugins.filter(({ src }) => !/@nuxt\/ui\/.*\/plugins\/colors/.test(src))
    },
    // The pages as the build found them, for the test that asks each on behalf of every role.
    'pages:extend': (pages) => {
      const flat = (list: typeof pages, up = ''): { path: string, file?: string }[] => list.flatMap(({ path, file, children = [] }) => {
        const whole = path.startsWith('/') ? path : `${up}/${path}`
        return [{ path: whole, file: file && relative(inRoot('.'), file) }, ...flat(children, whole)]
      })
      mkdirSync(inRoot('.nuxt'), { recursive: true })
      writeFileSync(inRoot('.nuxt/pages.json'), JSON.stringify(flat(pages), undefined, 2))
    },
    // The routes as the build found them, for the OpenAPI document and the tests that enumerate them.
    'nitro:init': (nitro) => {
      nitro.options.virtual['#api-routes'] = () => {
        const api = nitro.scannedHandlers.filter(handler => handler.route?.startsWith('/api/'))
        return [
          ...api.map((handler, i) => `import route${i} from ${JSON.stringify(handler.handler)}`),
          `export default [${api.map((handler, i) => `{ path: ${JSON.stringify(handler.route)}, method: ${JSON.stringify(handler.method ?? 'all')}, handler: route${i} }`).join(', ')}]`,
        ].join('\n')
      }
    },
    // A chart is 178 KB of script: only a reader who works with one pays for it. Faces are named by `useTypeface`.
    'build:manifest': (manifest) => {
      for (const file of Object.values(manifest)) {
        file.prefetch = false
        if (file.resourceType === 'font') file.preload = false
      }
    },
  },
})
