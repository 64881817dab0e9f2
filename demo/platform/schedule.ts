/** Who sends what, and how often. Pure: the driver brings the time and the chance. */
export interface Request {
  consumer: string
  method: 'GET' | 'POST'
  path: string
  body?: Record<string, unknown>
}

export const consumers = ['partner-shop', 'partner-pay', 'mobile-app', 'partner-erp'] as const

type Random = () => number

const pick = <T>(random: Random, choices: [weight: number, choice: T][]): T => {
  let left = random() * choices.reduce((sum, [weight]) => sum + weight, 0)
  return (choices.find(([weight]) => (left -= weight) < 0) ?? choices.at(-1)!)[1]
}
const number = (random: Random, from: number, to: number) => from + Math.floor(random() * (to - from + 1))

/** The main endpoint, in a stream of its own, so that the uneven rest never starves it. */
export function processRequest(random: Random): Request {
  return {
    consumer: pick(random, [[58, 'partner-shop'], [27, 'partner-pay'], [15, 'partner-erp']]),
    method: 'POST',
    path: '/api/v1/process',
    body: { type: pick(random, [[5, 'settle'], [3, 'verify'], [2, 'transfer']]), amount: number(random, 10, 900) * 100 },
  }
}

export function otherRequest(random: Random, today: string): Request {
  const order = () => number(random, 40_000, 49_999)
  const payment = () => `pay_${number(random, 0x1000_0000, 0xffff_ffff).toString(16)}`
  const make = pick<() => Omit<Request, 'consumer'> & { consumers: [number, string][] }>(random, [
    [22, () => ({ method: 'GET', path: `/api/v1/orders/${order()}`, consumers: [[6, 'mobile-app'], [3, 'partner-shop'], [1, 'partner-erp'], [1, 'partner-pay']] })],
    [16, () => ({ method: 'POST', path: '/api/v1/payments', body: { method: 'card', amount: number(random, 10, 900) * 100 }, consumers: [[5, 'partner-shop'], [4, 'partner-pay']] })],
    [15, () => ({ method: 'POST', path: '/api/v1/orders', body: { currency: 'KRW', amount: number(random, 10, 900) * 100 }, consumers: [[4, 'partner-shop'], [3, 'partner-erp'], [2, 'mobile-app']] })],
    [14, () => ({ method: 'GET', path: '/api/v1/orders', consumers: [[5, 'mobile-app'], [3, 'partner-shop'], [2, 'partner-erp'], [1, 'partner-pay']] })],
    [12, () => ({ method: 'GET', path: '/api/v1/products', consumers: [[6, 'mobile-app'], [3, 'partner-shop'], [1, 'partner-erp'], [1, 'partner-pay']] })],
    [9, () => ({ method: 'GET', path: `/api/v1/payments/${payment()}`, consumers: [[4, 'partner-pay'], [3, 'partner-shop'], [2, 'mobile-app']] })],
    [5, () => ({ method: 'POST', path: '/api/v1/notifications', body: { to: 'member', template: 'order-shipped' }, consumers: [[1, 'partner-shop']] })],
    [3, () => ({ method: 'GET', path: `/api/v1/settlements/${today}`, consumers: [[1, 'partner-erp']] })],
    [2, () => ({ method: 'GET', path: `/api/v2/settlements/${today}`, consumers: [[1, 'partner-pay']] })],
    // Routes that nobody registered.
    [1.5, () => ({ method: 'GET', path: `/api/v1/orders/${order()}/receipt`, consumers: [[1, 'partner-shop']] })],
    [0.7, () => ({ method: 'POST', path: `/api/v1/payments/${payment()}/cancel`, body: {}, consumers: [[1, 'partner-pay']] })],
    [0.4, () => ({ method: 'GET', path: '/internal/health/deep', consumers: [[1, '']] })],
  ])()
  const { consumers, ...request } = make
  return { ...request, consumer: pick(random, consumers) }
}

/** What partner-erp sends while it is the bad consumer. */
export const badOrder: Request = { consumer: 'partner-erp', method: 'POST', path: '/api/v1/orders', body: { currency: '원', amount: 18_000 } }

/** At 5 requests/s at least 2 are for the main endpoint, whatever the hour. */
export const processShare = 0.44

/**
 * How busy an hour is beside the mean of the day (Korean time): quiet nights, two peaks, and waves of some minutes on
 * top, so that no two minutes look alike.
 */
export function busyness(at: Date): number {
  const hour = (at.getUTCHours() + 9 + at.getUTCMinutes() / 60) % 24
  const peak = (center: number, width: number) => Math.exp(-(((hour - center) / width) ** 2))
  const day = 0.62 + 0.62 * peak(11, 2.6) + 0.72 * peak(16, 3.4) + 0.4 * peak(21, 1.8)
  const minutes = at.getTime() / 60_000
  return day * (1 + 0.12 * Math.sin(minutes / 3.7) + 0.08 * Math.sin(minutes / 1.3))
}

/** Milliseconds until the next request to the main endpoint: nearly even. */
export const processGap = (rate: number, random: Random) => 1_000 / (rate * processShare) * (0.7 + 0.6 * random())

/** Milliseconds until the next other request: as strangers come, not knowing of each other. */
export const otherGap = (rate: number, at: Date, random: Random) =>
  -Math.log(1 - random()) * 1_000 / (rate * (1 - processShare) * busyness(at))
