import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '#server/config'

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1', port: 3000, origin: 'http://127.0.0.1:3000', secure: false,
      otlp: { host: '127.0.0.1', port: 4318, grpcPort: 4317 }, environmentName: 'production', consumerAttributes: ['api.client.id'],
      retention: { spansDays: 7, logsDays: 7, maxBytes: 10e9, rollup10sDays: 2, rollup1mDays: 15, rollup10mDays: 400 },
    })
  })

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ PORT: '', NUXT_ORIGIN: '' }).port).toBe(3000)
  })

  it('is secure by the configured origin alone', () => {
    expect(readConfig({ HOST: '0.0.0.0', NUXT_ORIGIN: 'https://bongsu.example/' })).toMatchObject({ secure: true, origin: 'https://bongsu.example' })
  })

  it.each([
    ['an address that others reach without an origin', { HOST: '0.0.0.0' }, /HOST.*NUXT_ORIGIN/],
    ['http anywhere but on loopback', { NUXT_ORIGIN: 'http://bongsu.example' }, /NUXT_ORIGIN/],
    ['an origin that is no address', { NUXT_ORIGIN: 'bongsu' }, /NUXT_ORIGIN/],
    ['a port out of range', { NUXT_OTLP_PORT: '70000' }, /NUXT_OTLP_PORT/],
    ['another port out of range', { NUXT_OTLP_GRPC_PORT: '-1' }, /NUXT_OTLP_GRPC_PORT/],
    ['a zone nobody knows', { NUXT_TIME_ZONE: 'Mars/Olympus' }, /NUXT_TIME_ZONE/],
    ['a backend without an address', { NUXT_ZIPKIN_TOKEN: 'canary' }, /NUXT_ZIPKIN_URL/],
    ['a backend address that is none', { NUXT_PROMETHEUS_URL: 'canary' }, /NUXT_PROMETHEUS_URL/],
    ['a backend address with credentials in it', { NUXT_ELASTICSEARCH_URL: 'http://me:canary@es' }, /NUXT_ELASTICSEARCH_URL/],
    ['a backend at the metadata of a cloud', { NUXT_ZIPKIN_URL: 'http://169.254.169.254' }, /NUXT_ZIPKIN_URL/],
    ['half a pair of user and password', { NUXT_ZIPKIN_URL: 'http://z', NUXT_ZIPKIN_USERNAME: 'canary' }, /NUXT_ZIPKIN_PASSWORD/],
    ['two ways to sign in', { NUXT_ZIPKIN_URL: 'http://z', NUXT_ZIPKIN_TOKEN: 'canary', NUXT_ZIPKIN_API_KEY: 'canary' }, /only one/],
    ['a token that would end its header', { NUXT_ZIPKIN_URL: 'http://z', NUXT_ZIPKIN_TOKEN: 'canary\r\nx: y' }, /NUXT_ZIPKIN_TOKEN/],
    ['an index that would be a path', { NUXT_ELASTICSEARCH_URL: 'http://e', NUXT_ELASTICSEARCH_INDEX: 'canary-*,../_cluster' }, /NUXT_ELASTICSEARCH_INDEX/],
    ['a match that is no list of labels', { NUXT_PROMETHEUS_URL: 'http://p', NUXT_PROMETHEUS_MATCH: 'environment=canary' }, /NUXT_PROMETHEUS_MATCH/],
    ['a match that would end its selector', { NUXT_PROMETHEUS_URL: 'http://p', NUXT_PROMETHEUS_MATCH: 'a="canary"} or up{b="1"' }, /NUXT_PROMETHEUS_MATCH/],
    ['a match by the name of a metric', { NUXT_PROMETHEUS_URL: 'http://p', NUXT_PROMETHEUS_MATCH: '__name__="canary"' }, /NUXT_PROMETHEUS_MATCH/],
    ['a match for no backend', { NUXT_PROMETHEUS_MATCH: 'a="canary"' }, /NUXT_PROMETHEUS_URL/],
    ['an authority that is no file', { NUXT_ZIPKIN_URL: 'https://z', NUXT_ZIPKIN_CA: '/canary.pem' }, /NUXT_ZIPKIN_CA/],
    ['an authority that is no certificate', { NUXT_ZIPKIN_URL: 'https://z', NUXT_ZIPKIN_CA: fileURLToPath(import.meta.url) }, /NUXT_ZIPKIN_CA/],
    ['a retention of nothing', { NUXT_RETENTION_SPANS_DAYS: '0' }, /NUXT_RETENTION_SPANS_DAYS/],
  ])('refuses %s and names the setting', (_, env, message) => {
    expect(() => readConfig(env)).toThrow(ConfigError)
    expect(() => readConfig(env)).toThrow(message)
    expect(() => readConfig(env)).not.toThrow(/canary/)
  })

  it.each([
    [{ NUXT_ZIPKIN_USERNAME: '카카오', NUXT_ZIPKIN_PASSWORD: 'a:b' }, { authorization: `Basic ${Buffer.from('카카오:a:b').toString('base64')}` }],
    [{ NUXT_ZIPKIN_TOKEN: 't0ken' }, { authorization: 'Bearer t0ken' }],
    [{ NUXT_ZIPKIN_API_KEY: 'k3y' }, { 'x-api-key': 'k3y' }],
  ])('signs in to a backend, and keeps to itself how', (env, headers) => {
    const config = readConfig({ NUXT_ZIPKIN_URL: 'https://zipkin.example/base', ...env })
    expect(config.backends.zipkin).toMatchObject({ url: 'https://zipkin.example/base' })
    expect(config.backends.zipkin!.credentials!()).toEqual(headers)
    expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.toMatch(/t0ken|k3y|a:b|Basic/)
  })

  it.each([
    ['', []],
    ['environment="production"', [{ label: 'environment', operator: '=', value: 'production' }]],
    [' { cluster=~"seoul-.*" , tenant!="a\\"b}",} ', [{ label: 'cluster', operator: '=~', value: 'seoul-.*' }, { label: 'tenant', operator: '!=', value: 'a"b}' }]],
  ])('reads which series of a Prometheus are ours from %j', (text, match) => {
    expect(readConfig({ NUXT_PROMETHEUS_URL: 'http://p', NUXT_PROMETHEUS_MATCH: text }).backends.prometheus).toEqual({ url: 'http://p', match })
  })

  it('knows the scheme of Elasticsearch’s own keys', () => {
    const { backends } = readConfig({ NUXT_ELASTICSEARCH_URL: 'http://es:9200', NUXT_ELASTICSEARCH_API_KEY: 'aWQ6a2V5' })
    expect(backends).toEqual({ elasticsearch: { indices: 'openapi-logs-*,logs-*', url: 'http://es:9200', credentials: expect.any(Function) } })
    expect(backends.elasticsearch!.credentials!()).toEqual({ authorization: 'ApiKey aWQ6a2V5' })
  })
})
