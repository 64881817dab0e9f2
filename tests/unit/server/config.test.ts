import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '#server/config'

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1', port: 3000, origin: 'http://127.0.0.1:3000', secure: false,
      otlp: { host: '127.0.0.1', port: 4318 }, environmentName: 'production', consumerAttributes: ['api.client.id'],
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
    ['a zone nobody knows', { NUXT_TIME_ZONE: 'Mars/Olympus' }, /NUXT_TIME_ZONE/],
    ['a retention of nothing', { NUXT_RETENTION_SPANS_DAYS: '0' }, /NUXT_RETENTION_SPANS_DAYS/],
  ])('refuses %s and names the setting', (_, env, message) => {
    expect(() => readConfig(env)).toThrow(ConfigError)
    expect(() => readConfig(env)).toThrow(message)
  })
})
