import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'

/** Starts a receiver in a process of its own and waits until it listens. */
export async function startProcess(path: string, args: string[] = []): Promise<{ child: ChildProcess, port: number }> {
  const child = fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once('message', message => resolve(message as { port: number }))
    child.once('exit', code => reject(new Error(`${path} ended with ${code}`)))
  })
  return { child, port }
}

export function stopProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.send('stop')
  })
}

export function ask<T>(child: ChildProcess, question: object): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', answer => resolve(answer as T))
    child.send(question)
  })
}

/** Seconds of processor time a process has used, by Linux's own books; NaN elsewhere. */
export function cpuSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
  catch {
    return Number.NaN
  }
}

/** Posts a body; answers the status. */
export function post(agent: Agent, port: number, path: string, body: Buffer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, path, host: '127.0.0.1', method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length, ...headers } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!))
    })
    sent.on('error', reject).end(body)
  })
}

/** Keeps `connections` requests going for some time; answers what was acknowledged per second. */
export async function load({ port, connections, seconds, next, headers }: { port: number, connections: number, seconds: number, next: () => { body: Buffer, spans: number }, headers: Record<string, string> }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const began = performance.now()
  let acknowledged = 0
  let busy = 0
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() - began < seconds * 1000) {
      const { body, spans } = next()
      const status = await post(agent, port, '/v1/traces', body, headers)
      if (status === 200) acknowledged += spans
      else if (status === 429 || status === 503) busy++
      else throw new Error(`answered ${status}`)
    }
  }))
  const took = (performance.now() - began) / 1000
  agent.destroy()
  return { perSecond: acknowledged / took, acknowledged, busy }
}
