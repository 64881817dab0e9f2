// A backend that answers after a while, and a Zipkin that holds traces of a given size. In a process of its own.
import { createServer } from 'node:http'

const started = Date.now() * 1000 - 600e6
const traces = new Map<string, Buffer>()

/** As the Collector hands spans of the Java agent on: some thirty tags each. */
function traceOf(size: number): Buffer {
  const held = traces.get(String(size))
  if (held) return held
  const id = (n: number) => n.toString(16).padStart(16, '1')
  const traceId = size.toString(16).padStart(32, 'a')
  const resource = Object.fromEntries(Array.from({ length: 22 }, (_, i) => [`process.runtime.attribute_${i}`, `a value of some length, as processes have them ${i}`]))
  const spans = Array.from({ length: size }, (_, i) => {
    const parent = i === 0 ? undefined : Math.floor((i - 1) / 4)
    return JSON.stringify({
      traceId, id: id(i + 1), ...(parent !== undefined && { parentId: id(parent + 1) }), kind: i % 2 ? 'CLIENT' : 'SERVER', name: i % 2 ? 'get' : `get /orders/{id}/${i % 40}`,
      timestamp: started + i * 7, duration: 5_000_000 - i * 14, localEndpoint: { serviceName: `service-${(i >> 1) % 12}` }, remoteEndpoint: { ipv4: '10.0.0.7' },
      tags: { ...resource, 'http.request.method': 'GET', 'http.route': '/orders/{id}', 'http.response.status_code': '200', 'url.path': `/orders/${i}`, 'server.address': 'shop', 'server.port': '8080', 'otel.library.name': 'io.opentelemetry.tomcat-10.0', 'thread.name': `http-nio-${i % 50}`, 'service.instance.id': `instance-${i % 12}` },
    })
  })
  const body = Buffer.from(`[${spans.join(',')}]`)
  traces.set(String(size), body)
  return body
}

let calls = 0
const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://backend')
  const json = (body: string | Buffer, after = 0) => setTimeout(() => response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body), after)
  if (url.pathname === '/calls') return json(String(calls))
  if (url.pathname === '/fast') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[1,2,3]}')
  calls++
  const trace = /^\/api\/v2\/trace\/a+([\da-f]+)$/.exec(url.pathname)?.[1]
  if (trace) return response.writeHead(200, { 'content-type': 'application/json' }).end(traceOf(Number.parseInt(trace, 16)))
  if (url.pathname === '/api/v2/traces') return json(`[${traceOf(30)}]`, 20)
  return json('{"data":[1,2,3]}', 20)
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as { port: number }).port }))
process.on('message', message => message === 'stop' && process.exit(0))
