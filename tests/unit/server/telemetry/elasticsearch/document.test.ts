import { describe, expect, it } from 'vitest'
import { toLogLine, valueAt } from '#server/telemetry/elasticsearch/document'
import { createKeyMask } from '#shared/masked-keys'

const isMasked = createKeyMask(['password', 'authorization'])
const time = '2026-11-23T05:30:00.123456789Z'
const read = (source: Record<string, unknown>, indexed?: string) => toLogLine({ id: 'x', source: { '@timestamp': time, ...source }, indexed }, isMasked)!

it.each<[string, Record<string, unknown>]>([
  ['nested', { a: { b: { c: 1 } } }],
  ['flat', { 'a.b.c': 1 }],
  ['flat at the end', { a: { 'b.c': 1 } }],
  ['flat at the beginning', { 'a.b': { c: 1 } }],
  ['partly elsewhere', { 'a': { x: 1 }, 'a.b': { c: 1 } }],
])('finds a dotted name in a document that is %s', (_, source) => {
  expect(valueAt(source, 'a.b.c')).toBe(1)
})

describe('the time', () => {
  it('is the document\'s where the index keeps less of it', () => {
    expect(read({}, '2026-11-23T05:30:00.123Z').nanos).toBe('1795411800123456789')
  })
  it('is the index\'s where the document\'s was rounded on its way', () => {
    expect(read({ '@timestamp': 1_795_411_800_123_456_800 }, '2026-11-23T05:30:00.123456789Z').nanos).toBe('1795411800123456789')
  })
  it('missing makes it no line', () => {
    expect(toLogLine({ id: 'x', source: { message: 'x' } }, isMasked)).toBeUndefined()
  })
})

it.each<[string, Record<string, unknown>, string, string]>([
  ['a number', { severity_number: 17, severity_text: 'whatever' }, 'error', 'whatever'],
  ['a word in any case', { level: 'warning' }, 'warn', 'warning'],
  ['java.util.logging', { level: 'SEVERE' }, 'error', 'SEVERE'],
  ['a word that says nothing', { level: 'audit' }, 'info', 'audit'],
  ['nothing', {}, 'info', 'INFO'],
  ['a number of zero, which is none', { SeverityNumber: 0, SeverityText: 'FATAL' }, 'fatal', 'FATAL'],
  ['the count of Node.js loggers', { level: 50 }, 'error', '50'],
  ['a nested name', { log: { level: 'debug' } }, 'debug', 'debug'],
])('reads the level from %s', (_, source, level, levelText) => {
  expect(read(source)).toMatchObject({ level, levelText })
})

it.each<[string, Record<string, unknown>, string]>([
  ['text', { message: 'a' }, 'a'],
  ['the exporter\'s text', { body: { text: 'a' } }, 'a'],
  ['an older exporter\'s text', { body_text: 'a' }, 'a'],
  ['a map', { body: { structured: { msg: 'a', n: 5 } } }, '{"msg":"a","n":5}'],
  ['a map without a mapping', { Body: { msg: 'a' } }, '{"msg":"a"}'],
  ['an event without a text', { event_name: 'login' }, 'login'],
  ['nothing at all', {}, ''],
  ['a list, as pipelines make of it', { message: ['a'] }, 'a'],
])('reads the body from %s', (_, source, body) => {
  expect(read(source).body).toBe(body)
})

it.each<[string, unknown, string | undefined]>([
  ['lower case', '5b8efff798038103d269b633813fc60c', '5b8efff798038103d269b633813fc60c'],
  ['upper case and dashes', '5B8EFFF7-9803-8103-D269-B633813FC60C', '5b8efff798038103d269b633813fc60c'],
  ['half its length', 'd269b633813fc60c', '0000000000000000d269b633813fc60c'],
  ['zeros only, which is none', '00000000000000000000000000000000', undefined],
  ['something else', 'abc', undefined],
])('reads a trace id in %s', (_, value, traceId) => {
  expect(read({ trace: { id: value } }).traceId).toBe(traceId)
})

it('compares services in lower case and names the one without a name', () => {
  expect(read({ 'service.name': ' Orders-Svc ' }).service).toBe('orders-svc')
  expect(read({}).service).toBe('unknown_service')
})

it('gives names their dots back, so that a stack is a stack whatever wrote it', () => {
  expect(read({ attributes: { exception_type: 'E', exception_stacktrace: 'at x', order_id: 1 }, resource: { service_name: 's', host_name: 'h' } })).toMatchObject({
    attributes: { 'exception.type': 'E', 'exception.stacktrace': 'at x', 'order_id': 1 }, resource: { 'service.name': 's', 'host.name': 'h' },
  })
  expect(read({ error: { stack_trace: 'at y', message: 'm' } }).attributes).toEqual({ 'exception.stacktrace': 'at y', 'error.message': 'm' })
})

it('tells sender and line apart where everything stands side by side', () => {
  const { attributes, resource } = read({ 'message': 'a', 'host': { name: 'h' }, 'process.pid': 7, 'http': { route: '/x' }, 'tags': ['traced'], '@version': '1', 'customer': 'acme' })
  expect(attributes).toEqual({ 'http.route': '/x', 'customer': 'acme' })
  expect(resource).toEqual({ 'host.name': 'h', 'process.pid': 7 })
})

it('masks secrets that nobody masked on the way in', () => {
  expect(read({ attributes: { http: { request: { header: { authorization: 'Bearer x' } } }, user_password: 'hunter2' } }).attributes).toEqual({ 'http.request.header.authorization': '[masked]', 'user_password': '[masked]' })
})

it('survives documents of any shape', () => {
  for (const odd of [{ attributes: 'text' }, { resource: null }, { level: { a: 1 } }, { message: null }, { trace: 'x' }, { attributes: [1, 2] }, { service: { node: 1 } }]) expect(read(odd).nanos).toBe('1795411800123456789')
})
