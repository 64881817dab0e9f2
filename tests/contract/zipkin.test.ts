import { createFakeClock } from '../support/fake-clock'
import { startZipkinDouble } from '../support/zipkin/double'
import { toZipkin } from '../support/zipkin/from-spans'
import { createZipkinAt } from '../support/zipkin/source'
import { describeTraceSource } from './trace-source'

for (const storage of ['memory', 'elasticsearch', 'cassandra'] as const) {
  describeTraceSource(`zipkin, as it answers over ${storage}`, async (spans) => {
    const zipkin = await startZipkinDouble(storage)
    zipkin.add(toZipkin(spans))
    return createZipkinAt(zipkin.url, { clock: createFakeClock() })
  }, { dependencies: async () => storage === 'memory' })
}
