import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../../server/diagnosis/diagnosis'
import { inputOf, jitter, onset, requests, type Call } from '../../../support/diagnosis'

const LIMIT = 2_000

/** A call that its caller cuts at the limit; its callee begins it after `wait` and then works for `work`, heard or not. */
function callTo(service: string, from: number, { wait, work, inside = [] }: { wait: number, work: number, inside?: Call[] }): { call: Call, end: number } {
  const begins = from + 1 + wait
  const isCut = wait + work + 2 > LIMIT
  const end = isCut ? from + LIMIT : begins + work + 1
  return { end, call: { service: '', name: 'GET', kind: 'client', from, to: end, remote: service, failed: isCut, inside: [{ service, name: `GET /${service}`, from: begins, to: begins + work, inside }] } }
}

const by = (service: string, { call, end }: ReturnType<typeof callTo>) => ({ call: { ...call, service }, end })

/** front → back, as far as the incident goes: `since` counts its seconds. */
const twoServices = (make: (since: number, index: number) => { wait: number, work: number }) => requests((index, isIncident): Call => {
  const { call, end } = by('front', callTo('back', 1, isIncident ? make(index - 600, index) : { wait: 0, work: 10 * jitter(index) }))
  return { service: 'front', name: 'GET /x', from: 0, to: end + 1, failed: call.failed, inside: [call] }
}, { after: 90 })

const verdictOf = (traces: ReturnType<typeof requests>) => diagnose(inputOf(traces, { at: onset + 100e6 }))

describe('calls that are cut', () => {
  it('while they wait to be begun are the doing of a callee that cannot keep up', () => {
    const { culprit, evidence } = verdictOf(twoServices((since, index) => ({ wait: 60 * since, work: 10 * jitter(index) })))
    expect(culprit).toEqual({ service: 'back', operation: 'GET /back', remote: null, type: 'saturation' })
    expect(evidence.map(({ code }) => code)).toContain('diagnosis.evidence.door')
  })

  it('while they wait within it, longer each time, are so, too', () => {
    expect(verdictOf(twoServices((since, index) => ({ wait: 0, work: 60 * since + 10 * jitter(index) }))).culprit).toMatchObject({ service: 'back', remote: null })
  })

  it('by a caller that has less patience than its callee takes are cut by the limit', () => {
    const { culprit, title } = verdictOf(twoServices((_, index) => ({ wait: 0, work: 4_000 * jitter(index) })))
    expect(culprit).toEqual({ service: 'front', operation: 'GET', remote: 'back', type: 'timeout' })
    expect(title.params).toMatchObject({ limit: { micros: LIMIT * 1_000 } })
  })

  it('though more wait at the door of what is slow, are cut by the limit', () => {
    expect(verdictOf(twoServices((since, index) => ({ wait: 20 * since, work: 4_000 * jitter(index) }))).culprit).toMatchObject({ service: 'front', remote: 'back', type: 'timeout' })
  })

  it('are followed down to the one that waits for nobody else', () => {
    const traces = requests((index, isIncident): Call => {
      const since = isIncident ? index - 600 : 0
      const deep = by('middle', callTo('back', 1 + 30 * since + 3, { wait: 25 * since, work: 8 * jitter(index) }))
      const middle = by('front', callTo('middle', 1, { wait: 30 * since, work: deep.end - 30 * since, inside: [deep.call] }))
      return { service: 'front', name: 'GET /x', from: 0, to: middle.end + 1, failed: middle.call.failed, inside: [middle.call] }
    }, { after: 90 })
    expect(verdictOf(traces).culprit).toEqual({ service: 'back', operation: 'GET /back', remote: null, type: 'saturation' })
  })
})
