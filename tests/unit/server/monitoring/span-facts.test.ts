import { expect, it } from 'vitest'
import { groupAttributes, sortKeys } from '#server/monitoring/span-facts'
import type { Attributes, Span } from '#shared/trace/span'

const groupsOf = (attributes: Attributes) => Object.fromEntries(groupAttributes({ attributes, resource: {} } as unknown as Span).map(({ group, attributes }) => [group, attributes.map(({ key }) => key)]))

it('puts the server with the HTTP of a call, and elsewhere with its network', () => {
  expect(groupsOf({ 'server.address': 'bank', 'http.request.method': 'POST' })).toEqual({ http: ['http.request.method', 'server.address'] })
  expect(groupsOf({ 'server.address': 'mysql-1', 'db.system.name': 'mysql', 'network.peer.port': 3306 })).toEqual({ database: ['db.system.name'], network: ['network.peer.port', 'server.address'] })
})

it('sorts keys as the groups stand', () => {
  expect(sortKeys(['zz', 'server.address', 'db.query.text', 'error.type'])).toEqual(['error.type', 'db.query.text', 'server.address', 'zz'])
  expect(sortKeys(['db.query.text', 'server.address', 'url.full'])).toEqual(['server.address', 'url.full', 'db.query.text'])
})
