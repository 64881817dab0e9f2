import { createEndpoint, type CreateEndpoint, type EndpointFields } from '#shared/schemas/endpoint'

/** An endpoint to be registered, with what the test cares about. */
export function endpointInput(input: Partial<CreateEndpoint> = {}): CreateEndpoint {
  return createEndpoint.parse({ service: 'api-gateway', method: 'GET', template: '/api/v1/orders/{orderId}', ...input })
}

export function endpointFields(input: Partial<EndpointFields> = {}): EndpointFields {
  const { lifecycle: _, ...fields } = endpointInput()
  return { ...fields, ...input }
}
