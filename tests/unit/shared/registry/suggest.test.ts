import { expect, it } from 'vitest'
import { suggestTemplate } from '#shared/registry/suggest'

it.each([
  ['/api/v1/orders/{}/receipt', '/api/v1/orders/{orderId}/receipt'],
  ['/api/v1/categories/{}', '/api/v1/categories/{categoryId}'],
  ['/api/addresses/{}', '/api/addresses/{addressId}'],
  ['/api/order-items/{}', '/api/order-items/{orderItemId}'],
  ['/{}/x', '/{id}/x'],
  ['/{}/{}', '/{id}/{id2}'],
  ['/주문/{}', '/주문/{id}'],
  ['/files/{*}', '/files/{path...}'],
  ['/reports/{}.pdf', '/reports/{reportId}.pdf'],
  ['/', '/'],
])('suggests a template for %s: %s', (key, template) => {
  expect(suggestTemplate(key)).toBe(template)
})
