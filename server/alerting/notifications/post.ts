import { Agent, request } from 'undici'
import { reasonOfFailure } from '#server/outgoing/failure'
import { MINUTE, SECOND, type Millis } from '#shared/units'
import { answered, unreached, type Outcome } from './outcome'
import type { ReceiverRules } from './receiver-rules'

/** For a whole exchange, ms. */
const deadline: Millis = 10 * SECOND
/** A receiver may ask for no longer pause than this. */
const longestPause: Millis = 60 * MINUTE

export interface Post {
  /** Sends JSON once. Never throws: whatever happens is an outcome. */
  (url: string, body: string, headers?: Record<string, string>): Promise<Outcome>
  close: () => Promise<void>
}

/** The way out for webhooks and chats: checked addresses only, no redirects, nothing read of the answer but its status. */
export function createPost({ rules, now }: { rules: ReceiverRules, now: () => Date }): Post {
  const agents = {
    'http:': agent({ lookup: rules.lookups['http:'] }),
    'https:': agent({ lookup: rules.lookups['https:'] }),
  }

  async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Outcome> {
    // Asked again at every try: the installation may allow less than when the address was typed.
    const fault = rules.findFault(url)
    if (fault) return { result: 'never', answer: { code: 'notifications.answer.fault', params: { fault: { text: `error.notification.address_${fault}` } } } }
    try {
      const response = await request(url, {
        dispatcher: agents[new URL(url).protocol as keyof typeof agents], method: 'POST', body, signal: AbortSignal.timeout(deadline),
        headers: { 'content-type': 'application/json', 'user-agent': 'Bongsu', ...headers },
      })
      response.body.on('error', () => {})
      response.body.dump({ limit: 64 * 1024 }).catch(() => {})
      return answered(response.statusCode, pauseOf(response.headers['retry-after'], now()))
    }
    catch (error) {
      return unreached(reasonOfFailure(error))
    }
  }

  return Object.assign(post, {
    close: async () => {
      await Promise.all(Object.values(agents).map(each => each.destroy()))
    },
  })
}

function agent(connect: { lookup: ReceiverRules['lookups']['http:'] }): Agent {
  return new Agent({ connections: 4, pipelining: 1, keepAliveTimeout: SECOND, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 5 * SECOND, ...connect } })
}

/** `Retry-After` in seconds or as a date. */
function pauseOf(header: string | string[] | undefined, now: Date): Millis | undefined {
  if (typeof header !== 'string') return undefined
  const pause = /^\d+$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now.getTime()
  return pause > 0 ? Math.min(pause, longestPause) : undefined
}
