import { Agent, request } from 'node:http'

export interface Load {
  perSecond: number
  p50: number
  p95: number
  failed: number
}

/** `connections` callers in a closed loop for `seconds`, against loopback only. */
export async function load(url: string, { connections, seconds, headers = {} }: { connections: number, seconds: number, headers?: Record<string, string> }): Promise<Load> {
  if (new URL(url).hostname !== '127.0.0.1') throw new Error('Load goes to this machine only.')
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const times: number[] = []
  let failed = 0
  const end = performance.now() + seconds * 1_000
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      const start = performance.now()
      const status = await get(url, agent, headers)
      if (status === 200) times.push(performance.now() - start)
      else failed++
    }
  }))
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (quantile: number) => times[Math.min(times.length - 1, Math.floor(times.length * quantile))] ?? Number.NaN
  return { perSecond: times.length / seconds, p50: at(0.5), p95: at(0.95), failed }
}

function get(url: string, agent: Agent, headers: Record<string, string>): Promise<number> {
  return new Promise((done, failed) => {
    request(url, { agent, headers }, (response) => {
      response.resume().once('end', () => done(response.statusCode!))
    }).once('error', failed).end()
  })
}
