// @ts-check
import withNuxt from './.nuxt/eslint.config.mjs'

/**
 * Who may import what (the table in CONTRIBUTING.md). Patterns are regular expressions: a gitignore pattern that
 * starts with `#` would be a comment and never match.
 */
const rooms = ['access', 'registry', 'monitoring', 'telemetry', 'diagnosis', 'alerting', 'incidents']
/** Backends in the place of the embedded store. */
const adapters = ['zipkin', 'prometheus', 'elasticsearch']
const forbid = (files, patterns, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: patterns.map(regex => ({ regex, message })) }] },
})

const ofTime = [
  { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: 'Take the time from the Clock.' },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take the time from the Clock.' },
  { selector: 'CallExpression[callee.name=/^set(Timeout|Interval)$/]', message: 'Take timers from the Clock.' },
]
const ofSql = { selector: 'CallExpression[callee.object.name="sql"][callee.property.name="raw"]', message: 'sql.raw takes identifiers from anywhere.' }

/** Something named like a secret on either side of an equals sign, unless the other side only asks whether it is there. */
const secret = /(secret|token|digest|passw(or)?d|hash|signature|cookie|apiKey|ingestKey)$/i
const named = ['left', 'right'].flatMap(side => ['name', 'property.name', 'property.value', 'callee.name', 'callee.property.name'].flatMap(path =>
  // `a!`, `a as string` and `a?.b` wrap what they are about.
  [`[${side}.${path}=${secret}]`, `[${side}.expression.${path}=${secret}]`]))
// A name that is not there equals "undefined" for a selector, but fits no pattern.
const ofSecrets = {
  selector: `BinaryExpression[operator=/^[!=]==?$/]:matches(${named.join(', ')}):not([left.name=/^undefined$/], [left.raw="null"], [right.name=/^undefined$/], [right.raw="null"])`,
  message: 'How long === takes tells how much of a secret is right: find it by its digest, or ask isSameSecret.',
}
const forbidSyntax = (files, ignores, forbidden) => ({ files, ignores, rules: { 'no-restricted-syntax': ['error', ...forbidden] } })

export default withNuxt(
  { ignores: ['drizzle/**', '.output/**', '.data/**', 'public/**'] },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/no-multiple-template-root': 'off',
      'vue/no-v-html': 'error',
      'no-console': 'error',
      'eqeqeq': ['error', 'smart'],
    },
  },
  { files: ['demo/**', 'scripts/**', 'tests/bench/**', 'tests/backends/launch/**', 'tests/support/no-noise.ts'], rules: { 'no-console': 'off' } },
  forbidSyntax(['shared/**/*.ts'], ['shared/text/text.ts'], [...ofTime, ofSql]),
  forbidSyntax(['server/**/*.ts'], [], [...ofTime, ofSql, ofSecrets]),
  forbidSyntax(['server/clock.ts', 'server/entry.ts'], [], [ofSql, ofSecrets]),
  forbid(['shared/**/*.ts'], ['^(vue|h3|drizzle-orm|node:|nuxt|#server|#imports|#app)', '(^|/)(server|app|components|pages)/'], 'shared/ runs on both sides and imports only shared/ and zod.'),
  ...rooms.map(room => forbid(
    [`server/${room}/**/*.ts`],
    [
      '^(h3|nitropack|#imports|vue|nuxt)',
      '#server/(api|http|plugins|services)',
      // Another room is reached by its main file only.
      ...rooms.filter(other => other !== room && other !== 'telemetry').map(other => `#server/${other}/(?!${other}$)(?!audit$)`),
      ...(room === 'telemetry' ? [] : ['#server/telemetry/(?!ports$)(?!telemetry$)(?!worker-port$)']),
    ],
    'A room imports its own files, other rooms’ main files, db, ports and shared.',
  )),
  ...adapters.map(adapter => forbid(
    [`server/telemetry/${adapter}/**/*.ts`],
    ['^(h3|nitropack|#imports|vue|nuxt|drizzle-orm|better-sqlite3)', '#server/(api|http|plugins|services|db|access|registry|monitoring)', ...['embedded', ...adapters].filter(other => other !== adapter).map(other => `(^|/)${other}/`)],
    'An adapter imports its own files, the ports, the upstream client and shared.',
  )),
  forbid(['server/api/**/*.ts', 'server/routes/**/*.ts'], ['^(drizzle-orm|better-sqlite3|nitropack)', '#server/(db|telemetry|access|registry|monitoring)/'], 'Routes declare; rooms arrive as services.'),
  forbid(['components/**/*.{vue,ts}'], ['(^#server|/server/)'], 'Components take props; they do not reach the server.'),
  forbid(['pages/**/*.vue', 'app/**/*.{vue,ts}'], ['(^#server|/server/)'], 'Pages get data through the typed routes.'),
  forbid(['demo/**/*.ts', 'demo/**/*.mjs'], ['^(#server|#shared)', '(^|/)(server|shared|app|components)/'], 'The demo speaks OTLP and HTTP like a stranger.'),
)
