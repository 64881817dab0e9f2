import { describe, expect, it } from 'vitest'
import { diagnose, type Diagnosis, type DiagnosisInput } from '../../../../server/diagnosis/diagnosis'
import type { Span } from '../../../../shared/trace/span'
import { inputOf, jitter, onset, request, requests, type Call } from '../../../support/diagnosis'
import { shuffle } from '../../../support/spans'

/** gateway → orders → pricing → fx.example; the partner answers in 150 ms, or two of three calls are cut at 8 s. */
function pricing(index: number, isIncident: boolean): Call {
  const isCut = isIncident && index % 3 > 0
  const fx = isCut ? 8_000 + index % 20 : 150 * jitter(index)
  const call: Call = { service: 'pricing', name: 'GET /rates', kind: 'client', from: 6, to: 6 + fx, remote: 'fx.example', failed: isCut }
  return {
    service: 'gateway', name: 'POST /v1/orders', from: 0, to: fx + 12, failed: isCut, inside: [{
      service: 'gateway', name: 'POST', kind: 'client', from: 1, to: fx + 11, failed: isCut, inside: [{
        service: 'orders', name: 'POST /orders', from: 2, to: fx + 10, failed: isCut, inside: [{
          service: 'orders', name: 'GET', kind: 'client', from: 3, to: fx + 9, failed: isCut, inside: [{
            service: 'pricing', name: 'GET /quote', from: 4, to: fx + 8, failed: isCut, inside: [{ service: 'pricing', name: 'FetchRate', kind: 'internal', from: 5, to: fx + 7, failed: isCut, inside: [call] }],
          }],
        }],
      }],
    }],
  }
}

/** Every request is validated; the key is fetched on 0.3 % of them, or on 99 %. */
function validating(index: number, isIncident: boolean): Call {
  const fetches = isIncident ? index % 100 > 0 : index % 300 === 7
  const work = 40 * jitter(index * 3)
  const idp = fetches ? 240 * jitter(index) : 0
  const end = 6 + idp
  return {
    service: 'gateway', name: ['GET /a', 'GET /b', 'POST /c'][index % 3]!, from: 0, to: end + work + 4, attributes: { 'api.client.id': `partner-${index % 5}` }, inside: [
      { service: 'gateway', name: 'POST', kind: 'client', from: 1, to: end + 2, inside: [{
        service: 'auth', name: 'POST /validate', from: 2, to: end + 1, resource: { 'service.instance.id': `auth-${index % 6}` }, inside: [{
          service: 'auth', name: 'Token Validation', kind: 'internal', from: 3, to: end, resource: { 'service.instance.id': `auth-${index % 6}` },
          inside: fetches ? [{ service: 'auth', name: 'GET /keys', kind: 'client', from: 4, to: 4 + idp, remote: 'idp.example' }] : [],
        }],
      }] },
      { service: 'gateway', name: 'GET', kind: 'client', from: end + 3, to: end + 3 + work, inside: [{ service: 'business', name: 'work', from: end + 3, to: end + 3 + work }] },
    ],
  }
}

describe('the two cases of the story', () => {
  it('names the call that is cut at eight seconds, and not those who wait for it', () => {
    const diagnosis = diagnose(inputOf(requests(pricing), { symptoms: [{ service: 'gateway', operation: 'POST /v1/orders' }] }))
    expect(diagnosis.culprit).toEqual({ service: 'pricing', operation: 'GET /rates', remote: 'fx.example', type: 'timeout' })
    expect(diagnosis.title).toMatchObject({ code: 'diagnosis.title.timeout', params: { service: 'pricing', remote: 'fx.example' } })
    expect((diagnosis.title.params as { limit: { micros: number } }).limit.micros / 8e6).toBeCloseTo(1, 2)
    expect(diagnosis.confidence).toBe('high')
    expect(Math.abs(diagnosis.onset! - onset)).toBeLessThanOrEqual(10e6)
    const [first, ...others] = diagnosis.decomposition.rows
    expect(first).toMatchObject({ kind: 'edge', service: 'pricing', remote: 'fx.example' })
    expect(first!.duration / first!.change).toBeGreaterThan(0.99)
    for (const row of others) expect(Math.abs(row.change)).toBeLessThan(1_000)
    expect(diagnosis.runnersUp.map(({ whyNot }) => whyNot.code)).toContain('diagnosis.whyNot.inside')
  })

  it('names who fetches the key on every request, though a fetch takes as long as ever', () => {
    const diagnosis = diagnose(inputOf(requests(validating)))
    expect(diagnosis.culprit).toEqual({ service: 'auth', operation: 'Token Validation', remote: 'idp.example', type: 'call_rate' })
    expect(diagnosis.symptom).toBe('latency')
    const [first] = diagnosis.decomposition.rows
    expect(first!.remote).toBe('idp.example')
    expect(first!.rate / first!.change).toBeGreaterThan(0.9)
    expect(diagnosis.qualifier).toBeNull()
    expect(diagnosis.evidence).toContainEqual({ code: 'diagnosis.evidence.even', params: { attribute: 'service.instance.id', count: 6 } })
  })
})

/** One service that calls another; what is wrong is passed in. */
function simple(index: number, { work = 10, share = 1, only = {} }: { work?: number, share?: number, only?: Call['resource'] } = {}): Call {
  const own = work * jitter(index)
  return {
    service: 'front', name: 'GET /x', from: 0, to: own + 8 * share + 4, inside: [{
      service: 'front', name: 'GET', kind: 'client', from: 1, to: own + 8 * share + 3, remote: 'back', inside: [{
        service: 'back', name: 'GET /y', from: 2, to: 2 + own, resource: { 'service.instance.id': `back-${index % 4}`, ...only },
      }],
    }],
  }
}

describe('what is said of other faults', () => {
  it.each([
    ['which the callee was at work on', true, 'high'],
    ['which the callee had not begun, for a reason that stands in no trace', false, 'medium'],
  ])('a limit is %s', (_, isBegun, confidence) => {
    const traces = requests((index, isIncident): Call => {
      const isCut = isIncident && index % 3 > 0
      const own = isCut ? 2_000 : 10 * jitter(index)
      const served: Call = { service: 'back', name: 'GET /y', from: 2, to: isCut ? 2_600 : 2 + own }
      return {
        service: 'front', name: 'GET /x', from: 0, to: own + 5, failed: isCut,
        inside: [{ service: 'front', name: 'GET', kind: 'client', from: 1, to: own + 3, remote: 'back', failed: isCut, inside: isCut && !isBegun ? [] : [served] }],
      }
    }, { after: 120 })
    const diagnosis = diagnose(inputOf(traces, { at: onset + 125e6, symptoms: [{ service: 'front', operation: 'GET /x' }] }))
    expect(diagnosis.culprit).toMatchObject({ type: 'timeout', service: 'front', remote: 'back' })
    expect(diagnosis.confidence).toBe(confidence)
  })

  it('slow work stays with the service that does it, and with the instance that alone is slow', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident && index % 4 === 2 ? 400 : 10 }), { after: 120 })
    const diagnosis = diagnose(inputOf(traces, { at: onset + 120e6 }))
    expect(diagnosis.culprit).toEqual({ service: 'back', operation: 'GET /y', remote: null, type: 'slow_local' })
    expect(diagnosis.qualifier).toEqual({ attribute: 'service.instance.id', value: 'back-2' })
  })

  it('a service that falls silent while calls to it go well is a hole, not a cause', () => {
    const traces = requests(index => simple(index)).map((spans, index) => index >= 600 ? spans.filter(span => span.service !== 'back') : spans)
    expect(diagnose(inputOf(traces)).culprit).toMatchObject({ service: 'back', type: 'missing_telemetry' })
  })

  it('changes near the onset are told with their distance', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))
    const { evidence } = diagnose(inputOf(traces, { changes: [{ at: onset - 30e6, kind: 'deployment', service: 'back', what: '2.4.1' }] }))
    expect(evidence).toContainEqual(expect.objectContaining({ code: 'diagnosis.evidence.change', params: expect.objectContaining({ service: 'back', what: '2.4.1' }) }))
  })

  it('a window in which another incident was open is no baseline', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident || index < 300 ? 80 : 10 }))
    const excluded = [{ from: onset - 700e6, to: onset - 300e6 }]
    const { decomposition } = diagnose(inputOf(traces, { onset, excluded }))
    expect(decomposition.before / 1_000).toBeLessThan(30)
  })

  it('what an incident did that is over is not laid to this one', () => {
    const traces = requests((index, isIncident) => {
      const isFirst = index < 660
      const call = simple(index, { work: isIncident && isFirst ? 400 : 10 })
      return { ...call, to: call.to + (isIncident && !isFirst ? 80 : 0) }
    }, { after: 150 })
    const input = inputOf(traces, { at: onset + 150e6, onset })
    expect(diagnose(input).culprit).toMatchObject({ service: 'back' })
    const { culprit, incident } = diagnose({ ...input, excluded: [{ from: onset, to: onset + 60e6 }] })
    expect(culprit).toEqual({ service: 'front', operation: 'GET /x', remote: null, type: 'slow_local' })
    expect(incident).toEqual({ from: onset + 60e6, to: onset + 150e6 })
  })

  it('what still went on when this one began is part of it', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))
    expect(diagnose(inputOf(traces, { onset, excluded: [{ from: onset, to: onset + 40e6 }] })).incident.from).toBe(onset)
  })

  it('a service in the middle is looked at from its own door', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))
    const diagnosis = diagnose(inputOf(traces, { symptoms: [{ service: 'back', operation: 'GET /y' }] }))
    expect(diagnosis.culprit).toMatchObject({ service: 'back', operation: 'GET /y', type: 'slow_local' })
    expect(diagnosis.decomposition.before / 1_000).toBeCloseTo(10, 0)
  })
})

describe('a verdict does not depend on what does not matter', () => {
  const verdict = (input: DiagnosisInput) => {
    const { culprit, qualifier, confidence, decomposition } = diagnose(input)
    return { culprit, qualifier, confidence, change: Math.round(decomposition.after - decomposition.before) }
  }
  const traces = requests(pricing, { every: 2 })
  const expected = verdict(inputOf(traces))

  it('the same input gives the same answer', () => {
    expect(diagnose(inputOf(traces))).toEqual(diagnose(inputOf(traces)))
  })

  it('the order of spans and traces', () => {
    expect(verdict(inputOf(shuffle(traces.map((spans, i) => shuffle(spans, i + 1)))))).toEqual(expected)
  })

  it('what services are called', () => {
    const rename = (text: string) => `x${[...text].reverse().join('')}`
    const renamed = traces.map(spans => spans.map((span): Span => ({ ...span, service: rename(span.service) })))
    expect(verdict(inputOf(renamed)).culprit).toEqual({ ...expected.culprit, service: rename(expected.culprit!.service) })
  })

  it('the clock of one host', () => {
    const shifted = traces.map(spans => spans.map((span): Span => span.service === 'pricing' ? { ...span, start: span.start + 400_000 } : span))
    expect(verdict(inputOf(shifted))).toEqual(expected)
    expect(diagnose(inputOf(shifted)).caveats).toContainEqual({ code: 'diagnosis.caveat.clocks', params: { count: 1 } })
  })

  it('sampling that keeps one in four, weighted as such', () => {
    const all = requests(pricing, { after: 120 })
    expect(verdict({ ...inputOf(all.filter((_, i) => i % 4 === 0)), at: onset + 130e6 }).culprit).toEqual(expected.culprit)
  })
})

describe('traces that somebody kept', () => {
  const slow = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }), { after: 120 })
  const front = { service: 'front', operation: 'GET /x' }
  const counted = (after: number): DiagnosisInput['series'] => [{
    ...front, kind: 'server', remote: '',
    steps: Array.from({ length: 72 }, (_, i) => ({ at: onset + (i - 60) * 10e6, requests: i < 60 ? 10 : after, failed: 0, duration: i < 60 ? 220_000 : after * 92_000 })),
  }]
  // One in six before, and all since: who keeps what is slow does so.
  const kept: DiagnosisInput = { ...inputOf(slow.filter((_, i) => i >= 600 || i % 6 === 0)), at: onset + 130e6, isKept: true, symptoms: [front] }

  it.each<[string, Partial<DiagnosisInput>, string]>([
    ['are no surge where as many requests were counted as before', { series: counted(10) }, 'slow_local'],
    ['are no surge where nobody counted', {}, 'slow_local'],
    ['are a surge where six times as many were counted', { series: counted(60) }, 'saturation'],
    ['would be one if they were all there were', { series: counted(10), isKept: false }, 'saturation'],
  ])('%s', (_, rest, type) => {
    expect(diagnose({ ...kept, ...rest }).culprit).toMatchObject({ service: 'back', type })
  })
})

describe('without a past', () => {
  const front = { service: 'gateway', operation: 'POST /v1/orders' }
  const named = { service: 'pricing', operation: 'GET /rates', remote: 'fx.example', type: 'timeout' }

  it.each([
    ['that broke in its first minute', 30, 60],
    ['that is looked at minutes later', 30, 200],
    ['that was broken from the start', 0, 60],
  ])('names the cut call of a platform %s, and says what it was compared with', (_, before, seconds) => {
    const at = onset + seconds * 1e6
    const ended = requests(pricing, { before, after: seconds }).filter(([root]) => root!.start + root!.duration <= at)
    const diagnosis = diagnose(inputOf(ended, { symptoms: [front], at, noticed: onset + 30e6 }))
    expect(diagnosis.culprit).toEqual(named)
    expect((diagnosis.title.params as { limit: { micros: number } }).limit.micros / 8e6).toBeCloseTo(1, 2)
    expect(diagnosis).toMatchObject({ confidence: 'medium', confidenceReason: { code: 'diagnosis.confidence.within_window' } })
    expect(diagnosis.caveats.map(({ code }) => code)).toContain('diagnosis.caveat.within_window')
    expect(diagnosis.caveats.map(({ code }) => code)).not.toContain('diagnosis.caveat.short_baseline')
  })

  it('names what a new endpoint of an old platform fails by', () => {
    const old = requests(index => simple(index), { after: 0 })
    const young = requests(pricing, { before: 0 }).map(spans => spans.map(span => ({ ...span, traceId: span.traceId.replace(/^0/, 'f') })))
    const diagnosis = diagnose(inputOf([...old, ...young], { symptoms: [front], noticed: onset + 30e6 }))
    expect(diagnosis.culprit).toEqual(named)
  })

  it('knows that a new endpoint has none, whatever others had', () => {
    const old = requests(index => ({ ...simple(index), service: 'other' }), { after: 0 })
    const young = requests(index => simple(index, { work: 4_000 + index % 7 }), { before: 0 }).map(spans => spans.map(span => ({ ...span, traceId: span.traceId.replace(/^0/, 'f') })))
    const { title, confidenceReason } = diagnose(inputOf([...old, ...young], { symptoms: [{ service: 'front', operation: 'GET /x' }], noticed: onset + 30e6 }))
    expect([title.code, confidenceReason.code]).toEqual(['diagnosis.title.spent_local', 'diagnosis.confidence.no_baseline'])
  })

  it.each<[string, number]>([['fail', 1], ['are slow', 0]])('says that nothing can be compared where all %s', (_, failed) => {
    const traces = requests(index => ({ ...simple(index, { work: 4_000 + index % 7 }), failed: failed === 1 }), { before: 0 })
    const { culprit, title, exemplars } = diagnose(inputOf(traces, { noticed: onset + 30e6 }))
    expect({ culprit, title }).toEqual({ culprit: null, title: { code: 'diagnosis.title.spent_local', params: { place: 'back', share: { ratio: expect.closeTo(0.99, 1) } } } })
    // They are opened at what took the time, or failed.
    const starts = new Map(traces.map(spans => [spans[0]!.traceId, spans.find(({ service }) => service === (failed ? 'front' : 'back'))!.start]))
    expect(exemplars.map(({ kind }) => kind)).toEqual(Array.from({ length: 3 }, () => (failed ? 'failed' : 'slow')))
    for (const { traceId, at } of exemplars) expect(at).toBe(starts.get(traceId))
  })
})

/** A third of the time in each of three services. */
function sharing(): Call {
  const call = (remote: string, from: number, to: number, inside: Call): Call => ({ service: remote === 'mid' ? 'front' : 'mid', name: 'GET', kind: 'client', from, to, remote, inside: [inside] })
  return { service: 'front', name: 'GET /x', from: 0, to: 30, inside: [call('mid', 10, 29, { service: 'mid', name: 'GET /y', from: 11, to: 28, inside: [call('last', 19, 27, { service: 'last', name: 'GET /z', from: 19.5, to: 26.5 })] })] }
}

describe('where the time goes', () => {
  const total = ({ decomposition: { rows } }: Diagnosis) => rows.reduce((sum, { change }) => sum + change, 0)

  it.each<[string, number, number]>([['there is no past', 0, 100], ['all is as it always was', 100, 100]])('is said where %s, and sums to the mean of a request', (_, before, after) => {
    const traces = requests(index => simple(index, { work: 4_000 + index % 7 }), { before, after })
    const diagnosis = diagnose(inputOf(traces, { onset }))
    const roots = traces.filter(([root]) => root!.start >= onset).map(([root]) => root!.duration)
    const mean = roots.reduce((sum, duration) => sum + duration, 0) / roots.length
    expect(diagnosis.culprit).toBeNull()
    expect(diagnosis.decomposition).toMatchObject({ isSpent: true, before: 0 })
    expect(diagnosis.decomposition.after / mean).toBeCloseTo(1, 1)
    expect(total(diagnosis) / diagnosis.decomposition.after).toBeCloseTo(1, 2)
    expect(diagnosis.decomposition.rows[0]).toMatchObject({ kind: 'local', service: 'back' })
    // Where nothing is compared, nothing was left out, and no past is too short.
    expect(diagnosis.caveats.map(({ code }) => code)).toEqual(before ? ['diagnosis.caveat.short_baseline'] : [])
  })

  it('names whom a request waits for most of its time, and nobody where several share it', () => {
    const waits = diagnose(inputOf(requests(index => pricing(index, false), { before: 0 }), { onset }))
    expect(waits.title).toEqual({ code: 'diagnosis.title.spent_edge', params: { place: 'fx.example', share: { ratio: expect.any(Number) } } })
    const shared = diagnose(inputOf(requests(sharing, { before: 0 }), { onset }))
    expect(shared.title.code).toBe('diagnosis.title.no_baseline')
    expect(shared.decomposition.isSpent).toBe(true)
  })

  it('is no answer where somebody is to blame, or a request takes longer than it did', () => {
    const slower = diagnose(inputOf(requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))))
    expect(slower.culprit).not.toBeNull()
    expect(slower.decomposition.isSpent).toBeUndefined()
    expect(total(slower)).toBeCloseTo(slower.decomposition.after - slower.decomposition.before, 3)
  })
})

describe('what somebody asks about', () => {
  const front = { service: 'front', operation: 'GET /x' }
  /** One call in nine takes four times as long. */
  const noisy = requests((index, isIncident) => simple(index, { work: isIncident && index % 9 === 0 ? 24 : 10 }))

  it('is not taken for something that was noticed: a few slow ones are chance', () => {
    expect(diagnose(inputOf(noisy, { symptoms: [front], onset, noticed: onset + 30e6 })).culprit).not.toBeNull()
    const asked = diagnose(inputOf(noisy, { symptoms: [front], onset, isAsked: true }))
    expect(asked).toMatchObject({ culprit: null, title: { code: 'diagnosis.title.none' }, decomposition: { isSpent: true } })
  })

  it('is named where it is plain', () => {
    const slow = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))
    expect(diagnose(inputOf(slow, { symptoms: [front], onset, isAsked: true })).culprit).toMatchObject({ service: 'back', type: 'slow_local' })
  })
})

describe('degenerate input', () => {
  it.each<[string, Span[][], string]>([
    ['nothing at all', [], 'diagnosis.title.no_traces'],
    ['one trace', [request('1'.padStart(32, '0'), onset + 60e6, simple(0))], 'diagnosis.title.spent_edge'],
    ['no baseline', requests(sharing, { before: 0 }), 'diagnosis.title.no_baseline'],
    ['nothing wrong', requests(index => simple(index)), 'diagnosis.title.none'],
  ])('%s', (_, traces, code) => {
    const diagnosis = diagnose(inputOf(traces, { onset }))
    expect(diagnosis.culprit).toBeNull()
    expect(diagnosis.title.code).toBe(code)
    expect(diagnosis.confidence).toBe('low')
    // Nothing is said of what became of it where nothing was compared.
    expect(diagnosis.confidenceReason.code).toBe(`diagnosis.confidence.${traces.length === 0 ? 'no_traces' : code === 'diagnosis.title.none' ? 'nothing' : 'no_baseline'}`)
  })

  it('orphans, circles and a parent with 20,000 children', () => {
    const traces = requests((index, isIncident) => simple(index, { work: isIncident ? 80 : 10 }))
    const [wide] = traces.splice(5, 1)
    for (let i = 0; i < 20_000; i++) wide!.push({ ...wide![0]!, spanId: (i + 100).toString(16).padStart(16, '0'), parentId: wide![0]!.spanId, kind: 'internal', name: 'item', duration: 1 })
    traces.push(wide!)
    for (const span of traces[7]!) span.parentId = 'f'.repeat(16)
    traces[8]![0]!.parentId = traces[8]![1]!.spanId
    traces[9]![0]!.parentId = traces[9]![0]!.spanId
    const diagnosis = diagnose(inputOf(traces))
    expect(diagnosis.culprit).toMatchObject({ service: 'back', operation: 'GET /y', type: 'slow_local' })
    expect(diagnosis.caveats.map(({ code }) => code)).toContain('diagnosis.caveat.orphans')
  })
})
