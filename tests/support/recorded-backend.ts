import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RecordedPrometheus {
  /** Metrics held, each with the names of its labels and, of a bucket metric, its bounds. */
  metrics: Record<string, { labels: string[], bounds?: string[] }>
  /** What a query answers: its `data`, or the whole body where it has a `status`. Undefined: an empty vector. */
  answer?: (query: string, range: boolean, form: URLSearchParams) => object | undefined
  build?: object | null
  /** What it says the page of its build is made of. */
  buildType?: string
  flags?: Record<string, string> | null
  /** Whether it has a page that formats queries. */
  formats?: boolean
  values?: Record<string, string[]>
}

export const vector = (...samples: [labels: Record<string, string>, value: string][]) => ({ resultType: 'vector', result: samples.map(([metric, value]) => ({ metric, value: [1_795_392_000, value] })) })
export const matrix = (...series: [labels: Record<string, string>, values: [at: number, value: string][]][]) => ({ resultType: 'matrix', result: series.map(([metric, values]) => ({ metric, values })) })

/** Speaks Prometheus' API from answers as backends give them; what it was asked is kept. */
export async function startRecordedPrometheus({ metrics, answer = () => undefined, build = { version: '3.16.0', goVersion: 'go1.26' }, buildType = 'application/json', flags = { 'enable-feature': '' }, values = {}, formats = true }: RecordedPrometheus) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => body += chunk.toString())
    request.on('end', () => {
      const { status, sent } = respond(new URL(request.url!, 'http://backend'), new URLSearchParams(body))
      response.writeHead(status, { 'content-type': request.url!.endsWith('/buildinfo') ? buildType : 'application/json' }).end(JSON.stringify(sent))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  function respond({ pathname, searchParams }: URL, form: URLSearchParams): { status: number, sent: object } {
    const ok = (data: unknown) => ({ status: 200, sent: { status: 'success', data } })
    const match = searchParams.getAll('match[]').join()
    if (pathname.endsWith('/label/__name__/values')) return ok(Object.keys(metrics))
    if (pathname.endsWith('/label/le/values')) return ok(Object.entries(metrics).find(([name]) => match.includes(name))?.[1].bounds ?? [])
    const label = /\/label\/(\w+)\/values$/.exec(pathname)?.[1]
    if (label) return ok(values[label] ?? [])
    if (pathname.endsWith('/labels')) return ok(Object.entries(metrics).find(([name]) => match.startsWith(name))?.[1].labels ?? [])
    if (pathname.endsWith('/metadata')) return ok(Object.fromEntries(Object.keys(metrics).map(name => [name, [{ type: name.endsWith('_total') ? 'counter' : 'gauge', help: `About ${name}`, unit: '' }]])))
    if (pathname.endsWith('/format_query')) return formats ? ok((searchParams.get('query') ?? '').replace(/\s+/g, ' ')) : { status: 404, sent: {} }
    if (pathname.endsWith('/buildinfo')) return build ? ok(build) : { status: 404, sent: {} }
    if (pathname.endsWith('/flags')) return flags ? ok(flags) : { status: 404, sent: {} }
    const query = form.get('query') ?? searchParams.get('query') ?? ''
    asked.push(query)
    if (query.startsWith('count by (__name__)')) return ok(vector(...Object.keys(metrics).map(name => [{ __name__: name }, '3'] as [Record<string, string>, string])))
    const sent = answer(query, pathname.endsWith('/query_range'), form)
    if (sent && 'status' in sent) return { status: sent.status === 'error' ? 400 : 200, sent }
    return ok(sent ?? { resultType: pathname.endsWith('/query_range') ? 'matrix' : 'vector', result: [] })
  }

  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => void server.close() }
}
