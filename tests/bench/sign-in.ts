import { startApp } from './support/app.ts'
import { median, type Figure } from './support/report.ts'

const rounds = 200
/** Of an account, before the throttle makes it wait. */
const attemptsEach = 4
const password = 'a heron stands in reeds'

/** AN-04: how long a refused sign-in takes says nothing about why. Each attempt comes from an address of its own. */
export async function run(): Promise<Figure[]> {
  const app = await startApp({ NUXT_TRUSTED_PROXIES: '127.0.0.1' })
  try {
    const accounts = rounds / attemptsEach
    for (let i = 0; i < accounts; i++) {
      await invite(`known-${i}@bongsu.example`)
      const id = await invite(`disabled-${i}@bongsu.example`)
      await done(app.call('PATCH', `/api/users/${id}`, { disabled: true }))
    }

    const kinds = {
      'wrong password': (i: number) => ({ email: `known-${i}@bongsu.example`, password: 'a heron flies over reeds' }),
      'unknown': (i: number) => ({ email: `nobody-${i}@bongsu.example`, password }),
      // The right one, because that gets furthest.
      'disabled': (i: number) => ({ email: `disabled-${i}@bongsu.example`, password }),
    }
    const times = new Map(Object.keys(kinds).map(kind => [kind, [] as number[]]))
    const answers = new Set<string>()
    for (let round = -5; round < rounds; round++) {
      // In turn, so that what slows the machine down slows all three.
      for (const [kind, bodyFor] of Object.entries(kinds)) {
        const body = round < 0 ? { email: `warm-up-${round}@bongsu.example`, password } : bodyFor(round % accounts)
        const began = performance.now()
        const answer = await signIn(body)
        if (round < 0) continue
        times.get(kind)!.push(performance.now() - began)
        answers.add(answer)
      }
    }

    const medians = new Map([...times].map(([kind, list]) => [kind, median(list)]))
    const apart = (kind: string) => Math.abs(medians.get(kind)! - medians.get('wrong password')!)
    const detail = [...medians].map(([kind, ms]) => `${kind} ${ms.toFixed(1)}`).join(', ')
    return [
      { name: `unknown − wrong password, medians of ${rounds}, ms`, value: apart('unknown'), must: 10, detail },
      { name: `disabled − wrong password, medians of ${rounds}, ms`, value: apart('disabled'), must: 10 },
      { name: 'different answers', value: answers.size, must: 1, detail: [...answers].join(' ') },
    ]
  }
  finally {
    await app.close()
  }

  async function invite(email: string): Promise<string> {
    const { user, link } = await (await done(app.call('POST', '/api/users', { name: 'Bench', email, roles: ['viewer'] }))).json() as { user: { id: string }, link: { token: string } }
    await done(app.call('POST', '/api/reset', { token: link.token, password }))
    return user.id
  }

  async function signIn(body: object): Promise<string> {
    attempt++
    const response = await fetch(`${app.origin}/api/session`, {
      method: 'POST', body: JSON.stringify(body),
      headers: { 'origin': app.origin, 'content-type': 'application/json', 'x-forwarded-for': `10.${attempt >> 16 & 255}.${attempt >> 8 & 255}.${attempt & 255}` },
    })
    const { code } = await response.json() as { code?: string }
    return `${response.status} ${code}`
  }
}

let attempt = 0

async function done(asked: Promise<Response>): Promise<Response> {
  const response = await asked
  if (!response.ok) throw new Error(`${response.url} was answered ${response.status}: ${await response.text()}`)
  return response
}
