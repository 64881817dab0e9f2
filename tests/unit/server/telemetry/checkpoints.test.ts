import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHECKPOINT_PAGES, createCheckpoints } from '#server/telemetry/embedded/checkpoints'
import { openForCheckpoints, openForWriting } from '#server/telemetry/embedded/store/open'
import { createFakeClock } from '../../../support/fake-clock'

describe('checkpoints', () => {
  let folder: string
  let writer: Database
  const clock = createFakeClock()

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bongsu-checkpoints-'))
    writer = openForWriting(join(folder, 'telemetry.db'))
    writer.exec('create table pages (data blob)')
  })
  afterEach(() => {
    writer.close()
    rmSync(folder, { recursive: true })
  })

  const fill = (pages: number) => writer.prepare('insert into pages with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select randomblob(3800) from n').run(pages)
  const inLog = () => (writer.pragma('wal_checkpoint(NOOP)') as { log: number, checkpointed: number }[])[0]!

  it('leaves a short log alone', () => {
    const checkpoints = createCheckpoints({ db: openForCheckpoints(writer.name), clock })
    fill(100)
    clock.advance(250)
    expect(inLog().checkpointed).toBe(0)
    checkpoints.close()
  })

  it('empties a long one beside the writer, who then begins it anew', () => {
    const checkpoints = createCheckpoints({ db: openForCheckpoints(writer.name), clock })
    fill(CHECKPOINT_PAGES + 10)
    const { log } = inLog()
    expect(log).toBeGreaterThan(CHECKPOINT_PAGES)
    clock.advance(250)
    expect(inLog()).toMatchObject({ log, checkpointed: log })
    fill(1)
    expect(inLog().log).toBeLessThan(10)
    checkpoints.close()
  })

  it('waits for nobody who is in the middle of writing', () => {
    const checkpoints = createCheckpoints({ db: openForCheckpoints(writer.name), clock })
    fill(CHECKPOINT_PAGES + 10)
    writer.exec('begin immediate')
    fill(10)
    clock.advance(250)
    writer.exec('commit')
    expect(inLog().checkpointed).toBeGreaterThan(CHECKPOINT_PAGES)
    expect(writer.prepare('select count(*) from pages').pluck().get()).toBe(CHECKPOINT_PAGES + 20)
    checkpoints.close()
  })
})
