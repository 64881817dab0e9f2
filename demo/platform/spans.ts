import { type Attributes, context, type Exception, logs, SeverityNumber, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = trace.getTracer('openapi-service')
const logger = logs.getLogger('app')

/** A span of our own around a piece of work; a failure of the work is the span's. */
export function inSpan<T>(name: string, options: { kind?: SpanKind, attributes?: Attributes }, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span)
    }
    catch (error) {
      span.recordException(error as Exception)
      span.setAttribute('error.type', (error as Error).name)
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
      throw error
    }
    finally {
      span.end()
    }
  })
}

export function query(statement: string, milliseconds: number, text: string): Promise<void> {
  const [operation, collection] = statement.split(' ') as [string, string]
  return inSpan(statement, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'mysql',
      'db.namespace': 'openapi',
      'db.operation.name': operation,
      'db.collection.name': collection,
      'db.query.text': text,
      'server.address': 'mysql',
      'server.port': 3306,
    },
  }, () => sleep(milliseconds))
}

export function redis<T>(command: string, key: string, work: (span: Span) => Promise<T>): Promise<T> {
  return inSpan(`${command} ${key}`, {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'redis', 'db.operation.name': command, 'db.query.text': `${command} ${key}`, 'server.address': 'redis', 'server.port': 6379 },
  }, work)
}

const severities = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR }

/** A log line of the span it is written in. */
export function log(level: keyof typeof severities, body: string, attributes: Attributes = {}): void {
  logger.emit({ severityNumber: severities[level], severityText: level.toUpperCase(), body, attributes, context: context.active() })
}

export function logError(body: string, error: Error, attributes: Attributes = {}): void {
  log('error', body, { ...attributes, 'exception.type': error.name, 'exception.message': error.message, 'exception.stacktrace': error.stack ?? '' })
}

/** How many times as long everything takes on this machine. */
const slowness = Number(process.env.SLOWNESS ?? 1)

/** Never shorter than asked: a timer counts from when the event loop last looked at the clock, which may be a while ago. */
export async function sleep(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds * slowness
  do await new Promise<void>(done => setTimeout(done, Math.max(1, until - performance.now())))
  while (performance.now() < until)
}

/** Times as real systems have them: most near the median, a few far above it. */
export function around(median: number, spread = 0.3, random: () => number = Math.random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(Math.max(-2.5, Math.min(2.5, normal)) * spread)
}
