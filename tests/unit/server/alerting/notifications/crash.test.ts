import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createNotifications } from '#server/alerting/alerting'
import { claim } from '#server/alerting/notifications/retry'
import { createSystemClock } from '#server/clock'
import { openControl } from '#server/db/client'
import { bundle } from '../../../../bench/support/bundle'
import { actorWith } from '../../../../support/actor'
import { startFaultServer } from '../../../../support/fault-server'
import { notice } from '../../../../support/notice'
import { everything, onLoopback } from '../../../../support/notifications'
import { temporaryFolder } from '../../../../support/telemetry-store'

it('loses nothing when it is killed while it sends, and doubles at most what was on its way', async () => {
  const sender = await bundle(new URL('../../../../support/sender-process.ts', import.meta.url), 'sender-process')
  // Takes a while to answer, so that a kill often falls between arriving and being written down.
  const receiver = await startFaultServer((_, response) => void setTimeout(() => response.writeHead(204).end(), 15))
  const path = join(temporaryFolder(), 'control.sqlite')
  const db = openControl(path)
  db.$client.pragma('busy_timeout = 5000')
  const room = createNotifications({ db, clock: createSystemClock(), settings: onLoopback, environment: 'test', origin: 'http://x', zone: 'UTC', onTrouble: () => {} })
  const admin = actorWith('admin')
  const { channel } = room.channels.create(admin, { name: 'ops', kind: 'webhook', url: receiver.url, recipients: [], language: 'en', zone: 'UTC', wording: 'full', enabled: true })
  room.routes.add(admin, { ...everything, channelId: channel.id })
  const put = (number: number) => db.transaction(tx => room.enqueue(tx, notice({ incidentId: `i${number}`, number, key: String(number) })), { behavior: 'immediate' })

  const rounds = 6
  const epoch = Date.now()
  // What a killed one had claimed is free again when the claim is over, in a thirtieth of the time; machines may be busy.
  const patience = { timeout: claim }
  let number = 0
  for (let round = 0; round < rounds; round++) {
    const child = await start(sender, path, epoch)
    const before = receiver.hits.length
    put(++number)
    // It sends once it has the lease of the one before, so that the kill falls among what it sends.
    await expect.poll(() => receiver.hits.length, patience).toBeGreaterThan(before)
    for (let i = 0; i < 4; i++) {
      put(++number)
      await new Promise(resolve => setTimeout(resolve, 40))
    }
    await kill(child, Math.random() * 60)
  }
  const last = await start(sender, path, epoch)
  await expect.poll(() => told(receiver.hits).size, patience).toBe(number)
  await expect.poll(() => room.log.counts().waiting, patience).toBe(0)
  await kill(last, 0)

  const times = Map.groupBy(receiver.hits, ({ headers }) => headers['webhook-id'])
  const doubled = [...times.values()].filter(hits => hits.length > 1)
  expect(doubled.length).toBeLessThanOrEqual(rounds)
  for (const hits of doubled) expect(hits.length).toBeLessThanOrEqual(2)
  db.$client.close()
}, 150_000)

async function start(sender: string, path: string, epoch: number): Promise<ChildProcess> {
  const child = fork(sender, [path, String(epoch)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  // Where the test fails, too: left behind it would keep the whole run from ending.
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise(resolve => child.once('message', resolve))
  return child
}

async function kill(child: ChildProcess, after: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, after))
  const ended = new Promise(resolve => child.once('exit', resolve))
  // One that ended before will not end again.
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await ended
}

/** Incidents of which anything arrived. */
function told(hits: { body: string }[]): Set<string> {
  return new Set(hits.flatMap(({ body }) => (JSON.parse(body) as { notices: { incident: { number: string } }[] }).notices.map(({ incident }) => incident.number)))
}
