import { afterEach, describe, expect, it } from 'vitest'
import { createDiagnoser, diagnose } from '../../../../server/diagnosis/diagnosis'
import { inputOf, jitter, requests } from '../../../support/diagnosis'

const diagnoser = createDiagnoser()
afterEach(() => diagnoser.close())

const traces = () => requests((index, isIncident) => {
  const work = (isIncident ? 90 : 10) * jitter(index)
  return { service: 'shop', name: 'GET /x', from: 0, to: work + 2, inside: [{ service: 'shop', name: 'SELECT x', kind: 'client', from: 1, to: 1 + work, remote: 'shop-db' }] }
})

describe('the worker', () => {
  it('says what the function says, of columns that moved to it', async () => {
    const expected = diagnose(inputOf(traces()))
    const input = inputOf(traces())
    expect(await diagnoser.diagnose(input)).toEqual(expected)
    expect(expected.culprit).toMatchObject({ service: 'shop', operation: 'SELECT x', remote: 'shop-db', type: 'slow_dependency' })
    expect(input.traces.start.length).toBe(0)
  })

  it('is there again after it was ended', async () => {
    await diagnoser.diagnose(inputOf(traces()))
    await diagnoser.close()
    expect((await diagnoser.diagnose(inputOf(traces()))).culprit).toMatchObject({ remote: 'shop-db' })
  })

  it('takes parameters of one\'s own', async () => {
    const { defaults } = await import('../../../../server/diagnosis/diagnosis')
    const diagnosis = await diagnoser.diagnose(inputOf(traces()), { ...defaults, z: 1e6, contribution: Infinity, rateRatio: Infinity })
    expect(diagnosis.confidence).toBe('low')
  })
})
