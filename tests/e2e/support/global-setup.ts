import { origin } from '../../../playwright.config.ts'
import { emailOf, password, roles, type Role, type Seeded } from './accounts.ts'

/** One account per role and one ingest key, made through the public API as a person would, after the app started. */
export default async function seed() {
  const token = process.env.SETUP_TOKEN
  if (!token) throw new Error('The app printed no set-up link: its data directory was not empty.')
  const admin = await cookieOf(await call('/api/setup', { token, name: 'Admin', email: emailOf('admin'), password }))

  const sessions = { admin } as Record<Role, string>
  for (const role of roles.filter(role => role !== 'admin')) {
    const { link } = await (await call('/api/users', { name: role, email: emailOf(role), roles: [role] }, admin)).json() as { link: { token: string } }
    await call('/api/reset', { token: link.token, password })
    sessions[role] = await cookieOf(await call('/api/session', { email: emailOf(role), password }))
  }

  const ingestKey = 'e2e_0123456789abcdef0123456789abcdef'
  await call('/api/ingest-keys', { name: 'Browser tests', scopes: ['telemetry', 'changes'], value: ingestKey }, admin)
  process.env.E2E_SEEDED = JSON.stringify({ sessions, ingestKey } satisfies Seeded)
}

async function call(path: string, body: object, cookie?: string): Promise<Response> {
  const response = await fetch(origin + path, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', origin, ...(cookie && { cookie }) },
  })
  if (!response.ok) throw new Error(`POST ${path} was answered ${response.status}: ${await response.text()}`)
  return response
}

async function cookieOf(response: Response): Promise<string> {
  return response.headers.getSetCookie().at(-1)!.split(';')[0]!
}
