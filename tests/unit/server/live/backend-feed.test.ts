import { describe, expect, it } from 'vitest'
import { startBackendFeed } from '#server/live/backend-feed'
import type { Signal } from '#server/telemetry/telemetry'
import { AppError } from '#shared/errors'
import { SECOND } from '#shared/units'
import { createFakeClock } from '../../../support/fake-clock'
import { logLine, logSource, traceSource, traceSummary } from '../../../support/telemetry-sources'

function start(connected: Signal[], { heard = true } = {}) {
  const clock = createFakeClock()
  const told: unknown[] = []
  const asked = { traces: 0, logs: 0 }
  const held = { traces: [traceSummary()], lines: [logLine()], broken: false, more: false }
  const answer = <T>(what: keyof typeof asked, value: () => T) => async () => {
    asked[what]++
    if (held.broken) throw new AppError('source.unavailable', { source: 'zipkin' })
    return value()
  }
  const rest = { total: { count: 1, atLeast: true }, searchedTo: new Date(0), population: { kind: 'kept' as const }, warnings: [] }
  const end = startBackendFeed({
    clock, connected, live: { publish: (topic, data) => told.push([topic, data]), isHeard: () => heard },
    traces: traceSource({ search: answer('traces', () => ({ ...rest, traces: held.traces, ...(held.more && { next: 'x' }) })) }),
    logs: logSource({ search: answer('logs', () => ({ ...rest, lines: held.lines })) }),
  })
  const pass = async (ms: number) => {
    for (let i = 0; i < ms / SECOND; i++) {
      clock.advance(SECOND)
      await new Promise(setImmediate)
    }
  }
  return { told, asked, held, end, pass }
}

describe('news of backends', () => {
  it.each<[Signal[], { traces: number, logs: number }]>([
    [[], { traces: 0, logs: 0 }], [['metrics'], { traces: 0, logs: 0 }], [['logs'], { traces: 0, logs: 2 }], [['traces', 'metrics', 'logs'], { traces: 2, logs: 2 }],
  ])('with %j read from backends, is asked for %j times in ten seconds, whoever looks', async (connected, expected) => {
    const { asked, end, pass } = start(connected)
    await pass(10 * SECOND)
    expect(asked).toEqual(expected)
    end()
    await pass(10 * SECOND)
    expect(asked).toEqual(expected)
  })

  it('is asked for by nobody while nobody looks', async () => {
    const { asked, pass } = start(['traces', 'logs'], { heard: false })
    await pass(30 * SECOND)
    expect(asked).toEqual({ traces: 0, logs: 0 })
  })

  it('is told once, and again when a trace has grown', async () => {
    const { told, held, pass } = start(['traces', 'logs'])
    const [trace] = held.traces
    await pass(20 * SECOND)
    expect(told).toEqual([['traces', { ids: [trace!.traceId], services: ['api-gateway'], more: false }], ['logs', { services: ['business-service'] }]])
    held.traces = [traceSummary({ spans: 31, services: ['api-gateway', 'shop'] })]
    held.lines = [logLine({ id: '2', service: 'Shop' })]
    held.more = true
    await pass(5 * SECOND)
    expect(told.slice(2)).toEqual([['traces', { ids: [trace!.traceId], services: ['api-gateway', 'shop'], more: true }], ['logs', { services: ['shop'] }]])
  })

  it('goes on when a backend is back', async () => {
    const { told, held, pass } = start(['traces'])
    held.broken = true
    await pass(10 * SECOND)
    held.broken = false
    await pass(5 * SECOND)
    expect(told).toHaveLength(1)
  })
})
