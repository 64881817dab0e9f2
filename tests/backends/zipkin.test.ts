import { expect, it } from 'vitest'
import { describeWith, urlOf } from './support/backends.ts'

describeWith(['zipkin'], 'Zipkin', () => {
  it('is healthy', async () => {
    expect((await fetch(`${urlOf('zipkin')}/health`)).status).toBe(200)
  })
})
