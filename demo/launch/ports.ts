import { createServer } from 'node:net'
import { SettingError, type Settings } from './settings.ts'

/** Says which setting names a port that somebody else has, before anything is built or started. */
export async function refuseTakenPorts({ address, otlpEndpoint, sendsToApp, otlpPort, grpcPort, port }: Settings): Promise<void> {
  const { hostname, port: appPort } = new URL(address)
  await refuseTaken('PORT', Number(appPort), hostname)
  if (sendsToApp) await refuseTaken('NUXT_OTLP_PORT', otlpPort, new URL(otlpEndpoint).hostname)
  if (sendsToApp && grpcPort) await refuseTaken('NUXT_OTLP_GRPC_PORT', grpcPort, new URL(otlpEndpoint).hostname)
  for (let offset = 0; offset < 6; offset += 1) await refuseTaken('DEMO_PORT', port + offset, '127.0.0.1', offset)
}

async function refuseTaken(setting: string, port: number, hostname: string, offset = 0): Promise<void> {
  const code = await tryListening(port, hostname.replace(/^\[|\]$/g, ''))
  if (!code) return
  const which = offset ? `${port} (${setting} + ${offset})` : `${port}`
  const why = code === 'EADDRINUSE' ? 'another process listens on it' : code
  throw new SettingError(`${setting}: port ${which} cannot be used: ${why}. Is a demo running already? Otherwise set ${setting} to a free port.`)
}

function tryListening(port: number, host: string): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(undefined)))
  })
}
