import type { Server } from 'node:net'

/** Listens, or says which setting names a place that cannot be had. */
export function listen(server: Server, { host, port, setting }: { host: string, port: number, setting: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`${setting}: port ${port} is taken on ${host}`, { cause: error }) : new Error(`NUXT_OTLP_HOST, ${setting}: cannot listen on ${host}:${port}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}
