import { describe, expect, it } from 'vitest'
import { diagnose, type DiagnosisInput } from '../../../../server/diagnosis/diagnosis'
import { inputOf, jitter, onset, requests, type Call } from '../../../support/diagnosis'

/** front → back → back-db, with what each does passed in. */
interface Shape {
  work?: number
  query?: number
  queries?: number
  attempts?: number
  failing?: boolean
  errorType?: string
  answered?: boolean
}

function twoServices(index: number, { work = 10, query = 5, queries = 1, attempts = 1, failing = false, errorType, answered = true }: Shape = {}): Call {
  const own = work * jitter(index)
  const each = query * jitter(index * 7)
  const time = own + queries * each
  const calls: Call[] = []
  let at = 1
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isFailed = failing || attempt < attempts - 1
    const start = at
    calls.push({
      service: 'front', name: 'GET', kind: 'client', from: start, to: start + time + 2, remote: 'back', failed: isFailed, attributes: errorType && isFailed ? { 'error.type': errorType } : {},
      inside: answered
        ? [{
            service: 'back', name: 'GET /items', from: start + 1, to: start + 1 + time, failed: isFailed,
            inside: Array.from({ length: queries }, (_, i) => ({ service: 'back', name: 'SELECT item', kind: 'client' as const, from: start + 1 + own + i * each, to: start + 1 + own + (i + 1) * each, remote: 'back-db' })),
          }]
        : [],
    })
    at = start + time + 2 + 20
  }
  return { service: 'front', name: 'GET /x', from: 0, to: at - 20 + 1, failed: failing, inside: calls }
}

const verdictOf = (make: (index: number, isIncident: boolean) => Shape, rest: Partial<DiagnosisInput> = {}) =>
  diagnose(inputOf(requests((index, isIncident) => twoServices(index, make(index, isIncident)), { after: 90 }), { at: onset + 100e6, ...rest }))

describe('each fault is called what it is', () => {
  it.each<[string, (index: number, isIncident: boolean) => Shape, object]>([
    ['work of its own', (_, is) => ({ work: is ? 90 : 10 }), { service: 'back', operation: 'GET /items', remote: null, type: 'slow_local' }],
    ['a slow query', (_, is) => ({ query: is ? 90 : 5 }), { service: 'back', operation: 'SELECT item', remote: 'back-db', type: 'slow_dependency' }],
    ['one query per item', (index, is) => ({ queries: is ? 4 + index % 23 : 1 }), { service: 'back', operation: 'GET /items', remote: 'back-db', type: 'n_plus_one' }],
    ['the same number of calls every time', (_, is) => ({ queries: is ? 6 : 1 }), { service: 'back', operation: 'GET /items', remote: 'back-db', type: 'call_rate' }],
    ['a call that fails and is tried again', (_, is) => ({ attempts: is ? 3 : 1 }), { service: 'back', operation: 'GET /items', remote: null, type: 'retry_storm' }],
    ['an exception', (index, is) => ({ failing: is && index % 3 === 0 }), { service: 'back', operation: 'GET /items', remote: null, type: 'error_origin' }],
    ['a callee that is down', (_, is) => ({ failing: is, answered: !is, errorType: 'ConnectException' }), { service: 'back', operation: 'GET /items', remote: null, type: 'error_origin' }],
    ['calls that never arrive while others do', (index, is) => ({ failing: is && index % 3 === 0, answered: !(is && index % 3 === 0), errorType: 'UnknownHostException' }), { service: 'front', operation: 'GET', remote: 'back', type: 'error_origin' }],
  ])('%s', (_, make, expected) => {
    expect(verdictOf(make).culprit).toEqual(expected)
  })

  it('a service in the middle is looked at from its own door, though of the newest traces only its part has come', () => {
    const traces = requests((index, isIncident) => twoServices(index, { query: isIncident ? 90 : 5 }), { after: 90 })
      .map((spans, i, all) => (i < all.length - 12 ? spans : spans.filter(({ service }) => service === 'back')))
    const { symptom, culprit } = diagnose(inputOf(traces, { symptoms: [{ service: 'back', operation: 'GET /items' }], at: onset + 100e6 }))
    expect({ symptom, culprit }).toEqual({ symptom: 'latency', culprit: { service: 'back', operation: 'SELECT item', remote: 'back-db', type: 'slow_dependency' } })
  })

  it('an open breaker answers for what failed before it', () => {
    const isOpen = (index: number) => index % 2 === 1
    const { culprit } = verdictOf((index, is) => !is ? {} : isOpen(index) ? { failing: true, answered: false, errorType: 'CallNotPermittedException' } : { failing: true })
    expect(culprit).toEqual({ service: 'back', operation: 'GET /items', remote: null, type: 'error_origin' })
  })

  it('messages that wait are the consumer\'s, unless its handling became slow', () => {
    const queue = (wait: number, handle: number) => requests((index, isIncident): Call => {
      const delay = (isIncident ? wait : 5) * jitter(index)
      const work = (isIncident ? handle : 10) * jitter(index * 3)
      return {
        service: 'shop', name: 'POST /orders', from: 0, to: 20, inside: [{
          service: 'shop', name: 'orders publish', kind: 'producer', from: 5, to: 6, remote: 'orders', inside: [{ service: 'mailer', name: 'orders process', kind: 'consumer', from: 6 + delay, to: 6 + delay + work, attributes: { 'messaging.destination.name': 'orders' } }],
        }],
      }
    }, { after: 90 })
    const symptoms = [{ service: 'mailer', operation: 'orders process' }]
    expect(diagnose(inputOf(queue(9_000, 10), { symptoms, at: onset + 105e6 })).culprit).toEqual({ service: 'mailer', operation: 'orders process', remote: null, type: 'queue_lag' })
    expect(diagnose(inputOf(queue(9_000, 1_050), { symptoms, at: onset + 105e6 })).culprit).toMatchObject({ service: 'mailer', type: 'slow_local' })
  })

  it('messages that wait while their consumer has nothing to do are its own, however long it then takes for all at once', () => {
    const traces = requests((index, isIncident): Call => {
      const delay = isIncident ? (30 - index % 30) * 1_000 : 5
      return {
        service: 'shop', name: 'POST /orders', from: 0, to: 20, inside: [{
          service: 'shop', name: 'orders publish', kind: 'producer', from: 5, to: 6, remote: 'orders', inside: [{ service: 'mailer', name: 'orders process', kind: 'consumer', from: 6 + delay, to: 6 + delay + (isIncident ? 900 : 10) * jitter(index), attributes: { 'messaging.destination.name': 'orders' } }],
        }],
      }
    }, { after: 120 })
    const { culprit, evidence } = diagnose(inputOf(traces, { symptoms: [{ service: 'mailer', operation: 'orders process' }], at: onset + 125e6 }))
    expect(culprit).toEqual({ service: 'mailer', operation: 'orders process', remote: null, type: 'queue_lag' })
    expect(evidence.map(({ code }) => code)).toContain('diagnosis.evidence.queue_idle')
    expect(evidence.map(({ code }) => code)).not.toContain('diagnosis.evidence.queue_handling')
  })

  it('attempts of a caller further up are no surge at the door of who is called', () => {
    const traces = requests((index, isIncident): Call => {
      const partner = isIncident ? 3_000 : 100 * jitter(index)
      const attempts = isIncident ? 4 : 1
      return {
        service: 'front', name: 'GET /a', from: 0, to: attempts * (partner + 20) + 10, failed: isIncident,
        inside: Array.from({ length: attempts }, (_, i): Call => {
          const from = 5 + i * (partner + 20)
          return { service: 'front', name: 'GET', kind: 'client', from, to: from + partner + 18, remote: 'back', failed: isIncident, inside: [{
            service: 'back', name: 'GET /b', from: from + 1, to: from + partner + 16, failed: isIncident,
            inside: [{ service: 'back', name: 'POST', kind: 'client', from: from + 5, to: from + 5 + partner, remote: 'partner.example', failed: isIncident, attributes: isIncident ? { 'error.type': 'timeout' } : {} }],
          }] }
        }),
      }
    }, { after: 20, every: 5 })
    expect(diagnose(inputOf(traces, { symptoms: [{ service: 'back', operation: 'GET /b' }], at: onset + 35e6 })).culprit).toEqual({ service: 'back', operation: 'POST', remote: 'partner.example', type: 'timeout' })
  })

  it.each([
    ['is named with less than all confidence where others became slower beside it', 40, 'medium'],
    ['is sure of where it is the only one', 10, 'high'],
  ])('a surge %s', (_, frontWork, confidence) => {
    const make = (index: number, isIncident: boolean): Call => {
      const inner = twoServices(index, { work: isIncident ? 200 : 10 })
      const own = (isIncident ? frontWork : 10) * jitter(index * 3)
      return { ...inner, to: inner.to + own }
    }
    // Traces by number, so that more can come a second than one.
    const traces = [...requests(make, { before: 1_900, after: 0 }), ...requests(index => make(index, true), { before: 0, after: 90, every: 0.25 }).map((spans, i) => spans.map(span => ({ ...span, traceId: (100_000 + i).toString(16).padStart(32, '0') })))]
    const verdict = diagnose(inputOf(traces, { symptoms: [{ service: 'front', operation: 'GET /x' }], at: onset + 100e6 }))
    expect({ service: verdict.culprit?.service, confidence: verdict.confidence }).toEqual({ service: 'back', confidence })
  })

  it('a missing log line is told as evidence', () => {
    const traces = requests((index, isIncident) => twoServices(index, { work: isIncident ? 90 : 10 }), { after: 90 })
    const logs = traces.flatMap((spans, index) => {
      const back = spans.find(span => span.service === 'back')!
      return spans[0]!.start < onset ? [{ at: back.start, service: 'back', level: 'info', body: `cache hit for item ${index}`, traceId: back.traceId, spanId: back.spanId }] : []
    })
    const { evidence } = diagnose(inputOf(traces, { logs, at: onset + 100e6 }))
    expect(evidence).toContainEqual({ code: 'diagnosis.evidence.template_vanished', params: { before: { ratio: 1 }, after: { ratio: 0 }, template: 'cache hit for item <*>' } })
  })

  it('of two faults the second is named, too', () => {
    const traces = requests((index, isIncident): Call => {
      const inner = twoServices(index, { work: isIncident && index % 2 ? 200 : 10 })
      const other = (isIncident && index % 2 === 0 ? 90 : 5) * jitter(index)
      return { ...inner, to: inner.to + other, inside: [...inner.inside!, { service: 'front', name: 'GET /rates', kind: 'client', from: inner.to, to: inner.to + other, remote: 'fx.example' }] }
    }, { after: 90 })
    const { culprit, second } = diagnose(inputOf(traces, { at: onset + 100e6 }))
    expect(culprit).toMatchObject({ service: 'back', type: 'slow_local' })
    expect(second).toMatchObject({ service: 'front', remote: 'fx.example' })
  })
})
