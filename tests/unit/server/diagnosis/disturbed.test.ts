import { describe, expect, it } from 'vitest'
import { matchOperations } from '#server/diagnosis/disturbed'
import type { Attributes, Span } from '#shared/trace/span'
import { TraceCollector } from '#shared/trace/trace-columns'

function tracesOf(...spans: Partial<Span>[]) {
  const collector = new TraceCollector()
  for (const [i, span] of spans.entries()) {
    const id = (i + 1).toString(16).padStart(16, '0')
    collector.add(id.repeat(2), [{ traceId: id.repeat(2), spanId: id, key: id, name: 'x', kind: 'server', service: 'shop', start: 0, duration: 1, status: 'unset', attributes: {}, resource: {}, events: [], links: [], ...span }])
  }
  return collector.done()
}
const route = (template: string, method = 'GET'): Attributes => ({ 'http.route': template, 'http.request.method': method })

describe('what disturbed requests are called in traces', () => {
  it('is told for each symptom by itself, the most frequent name first, whatever the case of the service', () => {
    const traces = tracesOf(
      { name: 'GET /orders/{id}', service: 'Shop', attributes: route('/orders/{id}') },
      { name: 'OrderController.find', attributes: route('/orders/:order') }, { name: 'OrderController.find', attributes: route('/orders/:order') },
      { name: 'POST /orders', attributes: route('/orders', 'POST') },
      { name: 'GET /orders/{id}', service: 'archive', attributes: route('/orders/{id}') },
      { name: 'GET /orders/{id}', kind: 'client', attributes: route('/orders/{id}') },
    )
    expect(matchOperations(traces, [
      { service: 'SHOP', method: 'GET', routeKey: '/orders/{}' }, { service: 'shop', method: 'POST', routeKey: '/orders' }, { service: 'archive' }, { service: 'nobody' },
    ])).toEqual([
      [{ service: 'shop', operation: 'OrderController.find' }, { service: 'shop', operation: 'GET /orders/{id}' }],
      [{ service: 'shop', operation: 'POST /orders' }],
      [{ service: 'archive', operation: 'GET /orders/{id}' }],
      [],
    ])
  })

  it('knows a queue by its destination and an operation by its name', () => {
    const traces = tracesOf(
      { name: 'handle', kind: 'consumer', attributes: { 'messaging.destination.name': 'receipts' } },
      { name: 'handle', kind: 'consumer', attributes: { 'messaging.destination.name': 'mails' } },
      { name: 'nightly', kind: 'server' },
    )
    const [receipts, none, nightly] = matchOperations(traces, [{ service: 'shop', method: '', routeKey: 'receipts' }, { service: 'shop', method: '', routeKey: 'invoices' }, { service: 'shop', operation: 'Nightly' }])
    expect(receipts).toHaveLength(1)
    expect(none).toEqual([])
    expect(nightly).toEqual([{ service: 'shop', operation: 'nightly' }])
  })
})
