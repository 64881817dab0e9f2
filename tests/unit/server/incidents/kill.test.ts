import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { openControl } from '#server/db/client'
import { alerts, incidentAlerts, incidents, incidentTimeline, notices } from '#server/db/control/schema'
import { bundle } from '../../../bench/support/bundle'

const kills = 5
let program: string
const folder = mkdtempSync(join(tmpdir(), 'bongsu-incidents-'))

beforeAll(async () => {
  program = await bundle(new URL('../../../support/incident-process.ts', import.meta.url), 'incident-process')
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Answers when it has said that something changed, or after a while in which nothing had to. */
async function start(epoch: number): Promise<ChildProcess> {
  const child = spawn(globalThis.process.execPath, [program, folder, String(epoch)], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await Promise.race([new Promise(resolve => child.stdout!.once('data', resolve)), sleep(2_000)])
  return child
}

async function kill(child: ChildProcess) {
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

it('loses no alert and doubles no incident, line or notice, however often it is killed', async () => {
  const epoch = Date.now()
  const firing = join(folder, 'firing')
  writeFileSync(firing, '')
  for (let round = 0; round < kills; round++) {
    const child = await start(epoch)
    await sleep(20 + 37 * round % 300)
    await kill(child)
  }
  const last = await start(epoch)
  const db = openControl(join(folder, 'control.sqlite'))
  onTestFinished(() => void db.$client.close())
  const until = async (holds: (row: typeof incidents.$inferSelect) => boolean) => {
    const isDone = (rows: typeof incidents.$inferSelect[]) => rows.length > 0 && rows.every(holds)
    for (let i = 0; i < 200 && !isDone(db.select().from(incidents).all()); i++) await sleep(200)
  }
  await until(({ diagnoses }) => diagnoses === 3)
  rmSync(firing)
  await until(({ status }) => status === 'resolved')
  await kill(last)

  const raised = db.select().from(alerts).all()
  expect(raised.map(({ rule }) => rule).sort()).toEqual(['edge', 'entry'])
  expect(db.select().from(incidentAlerts).all().map(({ alertId }) => alertId).sort()).toEqual(raised.map(({ id }) => id).sort())
  expect(db.select().from(incidents).all()).toMatchObject([{ number: 1, status: 'resolved', diagnoses: 3, reopened: 0, resolvedBy: null }])
  const kinds = db.select().from(incidentTimeline).all().map(({ kind }) => kind)
  for (const once of ['onset', 'opened', 'alert', 'diagnosed', 'resolved']) expect(kinds.filter(kind => kind === once), once).toHaveLength(1)
  expect(db.select().from(notices).all().map(({ kind }) => kind).sort()).toEqual(['incident.opened', 'incident.resolved', 'incident.updated'])
}, 120_000)
