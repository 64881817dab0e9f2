import { describe, expect, it } from 'vitest'
import { lasting } from '#server/incidents/diagnosing'
import type { SentDiagnosis } from '#shared/schemas/diagnosis'

const answer = (service: string, confidence: 'high' | 'medium' | 'low', remote: string | null = null) => ({ culprit: { service, operation: 'GET', remote, type: 'slow_local' }, confidence }) as SentDiagnosis
const orders = answer('orders', 'high')
const nothing = { culprit: null, confidence: 'low' } as SentDiagnosis

describe('what was found', () => {
  it.each<[string, SentDiagnosis, SentDiagnosis, { isSettled: boolean, stays: boolean }]>([
    ['does not give way to nothing', orders, nothing, { isSettled: false, stays: true }],
    ['does not give way to a guess', orders, answer('stock', 'low'), { isSettled: false, stays: true }],
    ['gives way to a guess if it was one', answer('orders', 'low'), answer('stock', 'low'), { isSettled: true, stays: false }],
    ['gives way to a better answer', orders, answer('stock', 'medium'), { isSettled: true, stays: false }],
    ['gives way at first to who gives up on it', orders, answer('gateway', 'high', 'orders'), { isSettled: false, stays: false }],
    ['does not give way to who gives up on it once it is settled', orders, answer('gateway', 'high', 'Orders'), { isSettled: true, stays: true }],
    ['gives way to a call of somebody else', orders, answer('gateway', 'high', 'stock'), { isSettled: true, stays: false }],
  ])('%s', (_, before, after, { isSettled, stays }) => {
    expect(lasting(before, after, isSettled)).toBe(stays ? before : after)
  })
})
