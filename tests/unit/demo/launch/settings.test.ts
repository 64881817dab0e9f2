import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../../demo/launch/settings.ts'

describe('settings of the demo', () => {
  it('have a default each', () => {
    expect(readSettings({})).toMatchObject({ origin: 'http://127.0.0.1:3000', address: 'http://127.0.0.1:3000', otlpEndpoint: 'http://127.0.0.1:4318', sendsToApp: true, grpcPort: 4317, port: 7100, rate: 5, password: undefined, ingestKey: undefined })
  })

  it('take an empty variable for an unset one', () => {
    expect(readSettings({ PORT: '', DEMO_RATE: '', DEMO_PASSWORD: '' })).toEqual(readSettings({}))
  })

  it('call an app that listens everywhere by its loopback address, and name it by its origin', () => {
    expect(readSettings({ HOST: '0.0.0.0', PORT: '80', NUXT_ORIGIN: 'https://bongsu.example/' })).toMatchObject({ address: 'http://127.0.0.1:80', origin: 'https://bongsu.example' })
    expect(readSettings({ HOST: '::1' }).address).toBe('http://[::1]:3000')
  })

  it('open no second port for a second demo that moved the first', () => {
    expect(readSettings({ NUXT_OTLP_PORT: '4319' }).grpcPort).toBe(0)
    expect(readSettings({ NUXT_OTLP_PORT: '4319', NUXT_OTLP_GRPC_PORT: '4320' }).grpcPort).toBe(4320)
  })

  it('send to a Collector instead when there is one', () => {
    expect(readSettings({ DEMO_OTLP_ENDPOINT: 'http://127.0.0.1:5318/' })).toMatchObject({ otlpEndpoint: 'http://127.0.0.1:5318', sendsToApp: false })
  })

  it.each([
    [{ PORT: 'http' }, /^PORT: /],
    [{ PORT: '0' }, /^PORT: /],
    [{ NUXT_OTLP_PORT: '70000' }, /^NUXT_OTLP_PORT: /],
    [{ NUXT_OTLP_PORT: '0' }, /^NUXT_OTLP_PORT: /],
    [{ DEMO_PORT: '65533' }, /^DEMO_PORT: /],
    [{ DEMO_RATE: 'fast' }, /^DEMO_RATE: /],
    [{ DEMO_PASSWORD: 'short' }, /^DEMO_PASSWORD: at least 12/],
    [{ DEMO_INGEST_KEY: 'short' }, /^DEMO_INGEST_KEY: 32 to 128/],
  ])('are refused by name when they cannot work: %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(message)
  })
})
