import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { packTrace, type BenchTrace } from './columns.ts'

const script = readFileSync(new URL('page.js', import.meta.url))
const escape = (text: string) => text.replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)

function page({ depth, service, name, start, duration, services, names, count }: BenchTrace): string {
  const rows = Array.from({ length: Math.min(40, count) }, (_, i) => `<div class="row" data-span="${i}" style="transform:translateY(${i * 27}px)"><button>▾</button><span style="padding-inline-start:${depth[i]! * 12}px">${escape(`${services[service[i]!]} ${names[name[i]!]}`)}</span><i style="margin-inline-start:${start[i]! / duration[0]! * 100}%;width:${duration[i]! / duration[0]! * 100}%"></i></div>`).join('')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>limit</title><script>window.__tree = fetch(location.pathname + '/columns')</script><style>
body { margin: 0; font: 13px system-ui } main { height: 100vh; overflow: auto } #rows { position: relative; height: ${count * 27}px }
.row { position: absolute; inset-inline: 0; height: 27px; display: grid; grid-template-columns: 24px 420px 1fr; align-items: center }
.row[hidden] { display: none } .row span { overflow: hidden; white-space: nowrap } .row i { height: 12px; min-width: 1px; background: #646fd1 } button { border: 0; background: none }
</style></head><body><main><div id="rows">${rows}</div></main><script type="application/json" id="tables">${JSON.stringify({ services, names })}</script><script src="/page.js"></script></body></html>`
}

/** Serves each trace under its own path, `/<spans>`. */
export function serveLimitPage(traces: Map<number, BenchTrace>): Promise<{ origin: string, close: () => void }> {
  const server: Server = createServer((request, response) => {
    if (request.url === '/page.js') return response.setHeader('content-type', 'text/javascript').end(script)
    const [, size, columns] = request.url!.split('/')
    const trace = traces.get(Number(size))
    if (!trace) return response.writeHead(404).end()
    return columns ? response.end(packTrace(trace)) : response.setHeader('content-type', 'text/html').end(page(trace))
  })
  return new Promise(done => server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    done({ origin: `http://127.0.0.1:${typeof address === 'object' ? address!.port : 0}`, close: () => server.close() })
  }))
}
