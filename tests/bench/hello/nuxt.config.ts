/** Hello with Nuxt UI installed: what a page of ours is measured against. */
export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  modules: ['@nuxt/ui'],
  css: ['~/main.css'],
  ui: { fonts: false },
  icon: { provider: 'none', mode: 'svg' },
  telemetry: false,
  devtools: { enabled: false },
})
