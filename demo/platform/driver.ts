import http from 'node:http'
import { badOrder, otherGap, otherRequest, processGap, processRequest, type Request } from './schedule.ts'

interface Driver {
  gatewayPort: number
  rate: number
  tokenFor: (consumer: string) => string
  isBadConsumer: () => boolean
}

/** Open loop: requests leave at their time, whether or not the ones before were answered. */
export function startDriver({ gatewayPort, rate, tokenFor, isBadConsumer }: Driver) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 512 })
  const timers = new Set<NodeJS.Timeout>()
  let open = 0
  let ended = false

  function send(request: Request): Promise<number> {
    // A platform that has stopped answering is not buried under requests nobody waits for.
    if (open >= 400) return Promise.resolve(0)
    open += 1
    const payload = request.body && JSON.stringify(request.body)
    return new Promise<number>((done) => {
      const outgoing = http.request({
        agent,
        host: '127.0.0.1',
        port: gatewayPort,
        method: request.method,
        path: request.path,
        timeout: 30_000,
        headers: {
          ...(request.consumer ? { authorization: `Bearer ${tokenFor(request.consumer)}` } : {}),
          ...(payload ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) } : {}),
        },
      }, response => response.resume().on('end', () => done(response.statusCode ?? 0)).on('error', () => done(0)))
      outgoing.on('timeout', () => outgoing.destroy())
      outgoing.on('error', () => done(0))
      outgoing.on('close', () => done(0))
      outgoing.end(payload)
    }).finally(() => open -= 1)
  }

  function after(milliseconds: number, work: () => void) {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!ended) work()
    }, milliseconds)
    timers.add(timer)
  }

  async function sendOrder(request: Request) {
    if (!isBadConsumer() || request.consumer !== badOrder.consumer || request.path !== badOrder.path || request.method !== 'POST') return send(request)
    for (let attempt = 0; attempt < 3 && await send(badOrder) >= 500; attempt += 1);
  }

  const drive = (gap: () => number, make: () => Request) => after(gap(), () => {
    void sendOrder(make())
    drive(gap, make)
  })
  drive(() => processGap(rate, Math.random), () => processRequest(Math.random))
  drive(() => otherGap(rate, new Date(), Math.random), () => otherRequest(Math.random, new Date().toISOString().slice(0, 10)))

  return {
    stop() {
      ended = true
      for (const timer of timers) clearTimeout(timer)
      agent.destroy()
    },
  }
}
