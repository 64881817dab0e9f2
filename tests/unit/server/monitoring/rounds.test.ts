import { expect, it } from 'vitest'
import { createMonitoring } from '#server/monitoring/monitoring'
import { isInRounds } from '#server/rounds'
import { createFakeClock } from '../../../support/fake-clock'
import { createRegisterOf } from '../../../support/register'
import { createMetricsOf, createNoLogs, createTracesOf } from '../../../support/sources'

it('goes its own way to the sources for its rounds, and the reader’s for the reader', async () => {
  const asked: { what: string, inRounds: boolean }[] = []
  const metrics = createMetricsOf([])
  const noting: typeof metrics = {
    ...metrics,
    requests: (query) => {
      asked.push({ what: query.groupBy.join(), inRounds: isInRounds() })
      return metrics.requests(query)
    },
  }
  const monitoring = createMonitoring({ clock: createFakeClock(), metrics: noting, traces: createTracesOf([]), logs: createNoLogs(), register: createRegisterOf({}) })
  await monitoring.poll()
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter(({ inRounds }) => !inRounds)).toEqual([])
  asked.length = 0
  await monitoring.board({ range: '5m' })
  expect(asked.length).toBeGreaterThan(1)
  expect(asked.filter(({ inRounds }) => inRounds)).toEqual([])
})
