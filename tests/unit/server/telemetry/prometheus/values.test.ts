import { expect, it } from 'vitest'
import type { PrometheusApi } from '#server/telemetry/prometheus/api'
import { createValues } from '#server/telemetry/prometheus/values'
import { MINUTE } from '#shared/units'
import { createFakeClock } from '../../../../support/fake-clock'

it('knows the routes of a window though another that ended earlier was just asked about', async () => {
  const clock = createFakeClock(new Date('2026-11-23T06:00:00Z'))
  const cameAt = new Map([['/orders/{id}', new Date('2026-11-23T05:00:00Z')], ['/refunds/{id}', new Date('2026-11-23T05:40:00Z')]])
  const api = { labelValues: async (_: string, { to }: { to: Date }) => [...cameAt].filter(([, at]) => at <= to).map(([route]) => route) } as unknown as PrometheusApi
  const values = createValues({ api, only: [], clock })
  const within = (from: number, to: number) => values('http_route', 'calls_total', [], { from: new Date(clock.now().getTime() - from * MINUTE), to: new Date(clock.now().getTime() - to * MINUTE) })

  expect(await within(60, 30)).toContain('/orders/{id}')
  expect(await within(50, 0)).toEqual(['/orders/{id}', '/refunds/{id}'])
})
