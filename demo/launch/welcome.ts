import { accounts } from './catalogue.ts'
import type { Settings } from './settings.ts'
import type { Entry } from './state.ts'

/** What a person needs to begin; the last line is what scripts wait for. */
export function welcome({ origin, dataDir, otlpEndpoint, rate }: Settings, { password, ingestKey }: Pick<Entry, 'password' | 'ingestKey'>): string[] {
  const longest = Math.max(...accounts.map(({ email }) => email.length))
  return [
    '',
    `  Address    ${origin}`,
    `  Password   ${password}   (the same for every account)`,
    `  Ingest key ${ingestKey}   (may send telemetry and changes, read nothing)`,
    '',
    ...accounts.map(({ email, does }) => `  ${email.padEnd(longest)}   ${does}`),
    '',
    `  Five services send ${rate} requests/s worth of telemetry to ${otlpEndpoint}; data is kept in ${dataDir}`,
    '  Break something from a second terminal:   npm run demo:fault -- external-timeout',
    '  Stop with Ctrl+C.',
    '',
    `Ready ${origin}`,
  ]
}
