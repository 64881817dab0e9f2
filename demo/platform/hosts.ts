import dns from 'node:dns'

/**
 * The services call each other by name, as in a cluster, so that their spans carry real server names. This stands in
 * for the cluster's DNS: the names in DEMO_HOSTS (`{"auth-service": 7101}`) are on this machine.
 */
const ports = JSON.parse(process.env.DEMO_HOSTS ?? '{}') as Record<string, number>

export function urlOf(name: string, path: string, port = ports[name]): string {
  if (!port) throw new Error(`No service is called ${name}.`)
  return `http://${name}:${port}${path}`
}

const lookup = dns.lookup
dns.lookup = Object.assign((name: string, options: unknown, callback?: unknown) => {
  if (!(name in ports)) return Reflect.apply(lookup, dns, [name, options, callback].filter(argument => argument !== undefined))
  const done = (callback ?? options) as (error: null, address: unknown, family?: number) => void
  const wantsAll = typeof options === 'object' && options !== null && 'all' in options && options.all
  process.nextTick(() => wantsAll ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4))
}, { __promisify__: lookup.__promisify__ }) as typeof dns.lookup
