import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyForm, formIssues, fromForm, toForm } from '#shared/registry/endpoint-form'
import { endpointFields as schema } from '#shared/schemas/endpoint'
import { endpointFields } from '../../../support/endpoint'

describe('the form of an endpoint', () => {
  it('shows shares in percent and takes them back without loss', () => {
    const fields = endpointFields({ availabilityObjective: 0.9995, errorDegraded: 0.01, errorCritical: 0.2, latencyObjective: 400, tags: ['a', 'b'] })
    const form = toForm(fields)
    expect(form).toMatchObject({ availabilityObjective: '99.95', errorDegraded: '1', errorCritical: '20', latencyObjective: '400', tags: 'a, b' })
    expect(schema.parse(fromForm(form))).toEqual(fields)
  })

  it('keeps any share that has up to four decimals in percent', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), (share) => {
      const fields = endpointFields({ errorCritical: share / 1_000_000 })
      expect(fromForm(toForm(fields)).errorCritical).toBe(fields.errorCritical)
    }))
  })

  it('leaves empty limits to the service, and what is no number to the schema', () => {
    expect(fromForm({ ...emptyForm, latencyObjective: ' ', tags: ' a, ,a,b ' })).toMatchObject({ latencyObjective: null, tags: ['a', 'b'] })
    expect(schema.safeParse(fromForm({ ...toForm(endpointFields()), latencyObjective: '4oo' })).success).toBe(false)
  })

  it('tells limits of shares in percent, as they are typed', () => {
    const parsed = schema.safeParse(fromForm({ ...toForm(endpointFields()), availabilityObjective: '120', errorDegraded: '0', errorCritical: '150', latencyObjective: '-5' }))
    expect(formIssues(parsed.error!)).toEqual({
      availabilityObjective: { code: 'registry.form.invalid.availabilityObjective' }, errorDegraded: { code: 'registry.form.invalid.ratio' }, errorCritical: { code: 'registry.form.invalid.ratio' },
      latencyObjective: { code: 'error.issue.small', params: { minimum: 1 } },
    })
  })

  it('takes an empty success objective for the usual one', () => {
    expect(fromForm({ ...emptyForm, availabilityObjective: ' ' }).availabilityObjective).toBe(0.999)
  })

  it('starts with what a new endpoint has', () => {
    expect(fromForm({ ...emptyForm, service: 'api-gateway', template: '/api/v1/orders/{orderId}' })).toEqual(endpointFields())
  })
})
