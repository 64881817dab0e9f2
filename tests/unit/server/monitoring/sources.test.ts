import { describe, expect, it } from 'vitest'
import { createSourceHealth } from '#server/monitoring/source-health'
import { createSources } from '#server/monitoring/sources'
import type { IngestStats } from '#server/telemetry/telemetry'
import { sourcesAnswer } from '#shared/schemas/sources'
import { HOUR, MINUTE } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { createMetricsOf, createNoLogs, createTracesOf } from '../../../support/sources'

const clock = createFakeClock()
const thisHour = new Date(Math.floor(clock.now().getTime() / HOUR) * HOUR)
const ago = (hours: number) => new Date(thisHour.getTime() - hours * HOUR)
const elapsed = clock.now().getTime() - thisHour.getTime()

async function read(stats: Partial<IngestStats>) {
  const sources = { traces: createTracesOf([]), metrics: createMetricsOf([]), logs: createNoLogs() }
  const room = createSources({
    clock, sources, health: createSourceHealth({ clock, sources }),
    keyNames: () => new Map([['k', 'gateway-cluster']]),
    retention: { spansDays: 7, logsDays: 7, maxBytes: 1, rollup10sDays: 1, rollup1mDays: 1, rollup10mDays: 1 },
    stats: async () => ({
      receiving: true, accepted: [], rejected: [], hours: [], rates: [], refused: [], queue: { batches: 0, bytes: 0, limitBytes: 1 }, lag: {},
      disk: { bytes: 0, usedBytes: 0, limitBytes: 1 }, removed: [], services: [], ...stats,
    }),
  })
  return sourcesAnswer.parse(await room.read({})).receiver!
}

describe('sources', () => {
  it('draw a day by the hour, with nothing where nothing had come yet', async () => {
    const { course } = await read({
      since: new Date(ago(2).getTime() + 30 * MINUTE),
      hours: [
        { at: ago(2), signal: 'traces', accepted: 18_000, rejected: 0 },
        { at: ago(1), signal: 'traces', accepted: 36_000, rejected: 5 },
        { at: ago(1), signal: 'logs', accepted: 0, rejected: 2 },
      ],
    })
    expect(course.accepted.spans).toEqual([...Array.from({ length: 21 }, () => null), 10, 10, 0])
    expect(course.accepted.logs.slice(-3)).toEqual([0, 0, 0])
    expect(course.rejected).toEqual([...Array.from({ length: 21 }, () => null), 0, 7, 0])
    expect(new Date(Date.parse(course.from) + 23 * course.step)).toEqual(thisHour)
  })

  it('count the hour that has only begun by what has passed of it', async () => {
    const { course } = await read({ since: ago(48), hours: [{ at: thisHour, signal: 'metrics', accepted: 600, rejected: 0 }] })
    expect(course.accepted.points.at(-1)).toBeCloseTo(600 / Math.max(60, elapsed / 1_000), 1)
    expect(course.accepted.spans).toEqual(Array.from({ length: 24 }, () => 0))
  })

  it('tell a signal that fell silent from one that never came', async () => {
    const count = { keyId: 'k', service: 'shop', items: 9, lastAt: ago(5) }
    const { accepted } = await read({ accepted: [{ ...count, signal: 'traces' }, { ...count, signal: 'logs' }], rates: [{ keyId: 'k', service: 'shop', signal: 'logs', perSecond: 1.2345 }] })
    expect(accepted).toMatchObject([{ service: 'shop', key: 'gateway-cluster', rates: { spans: 0, points: null, logs: 1.23 } }])
  })
})
