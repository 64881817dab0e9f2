import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './support/bundle.ts'
import { crash } from './support/crash.ts'
import type { Figure } from './support/report.ts'

const rounds = 20

/** Spans and lines lost after they were acknowledged, over twenty kills under load. */
export async function run(): Promise<Figure[]> {
  const receiver = await bundle(new URL('support/own-receiver.ts', import.meta.url), 'own-receiver')
  const dataDir = mkdtempSync(join(tmpdir(), 'bongsu-bench-'))
  let acknowledged = 0
  let lost = 0
  let damaged = 0
  try {
    for (let round = 0; round < rounds; round++) {
      const result = await crash(receiver, dataDir)
      acknowledged += result.acknowledged
      lost += result.lost
      if (!result.intact) damaged++
    }
  }
  finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
  return [
    { name: `acknowledged and lost, ${rounds} × kill -9 under load`, value: lost, must: 0, detail: `${acknowledged} acknowledged` },
    { name: 'files damaged', value: damaged, must: 0 },
  ]
}
