import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Line = 'through' | 'refused' | 'hanging'

/** A line to a backend that can be cut, or go dead, and be restored in a moment, without the backend noticing. */
export async function createSwitch(target: string) {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let line: Line = 'through'
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    // Who is let in and never answered.
    if (line === 'hanging') return
    const on = connect(Number(port), hostname)
    open.add(on)
    on.on('close', () => open.delete(on)).on('error', () => socket.destroy())
    socket.on('close', () => on.destroy())
    on.on('end', () => socket.end())
    socket.pipe(on).pipe(socket)
  })
  const listen = (at: number) => new Promise<void>(done => server.listen(at, '127.0.0.1', done))
  await listen(0)
  const own = (server.address() as AddressInfo).port
  const cut = () => open.forEach(socket => socket.destroy())

  return {
    url: `http://127.0.0.1:${own}`,
    async to(next: Line): Promise<void> {
      line = next
      cut()
      if (next === 'refused' && server.listening) await new Promise(done => server.close(done))
      if (next !== 'refused' && !server.listening) await listen(own)
    },
    async close(): Promise<void> {
      cut()
      if (server.listening) await new Promise(done => server.close(done))
    },
  }
}
