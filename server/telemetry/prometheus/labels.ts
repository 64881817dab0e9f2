/** Labels of calls, by what they tell; where several may tell it, the newer convention first. */
export interface CallLabels {
  /** `service_name`, else `job`, whose value is `namespace/name`. */
  service: string
  method: string[]
  route: string[]
  status: string[]
  consumer: string[]
  /** Of span metrics. */
  operation?: string
  kind?: string
  outcome?: string
  peer: string[]
  address: string[]
  port: string[]
  dbSystem: string[]
  dbName: string[]
  destination: string[]
  errorType: string[]
  /** Of service graphs. */
  client?: string
  server?: string
  connection?: string
}

const candidates = {
  method: ['http_request_method', 'http_method'],
  route: ['http_route'],
  status: ['http_response_status_code', 'http_status_code'],
  peer: ['service_peer_name', 'peer_service'],
  address: ['server_address', 'net_peer_name', 'network_peer_address'],
  port: ['server_port', 'net_peer_port', 'network_peer_port'],
  dbSystem: ['db_system_name', 'db_system'],
  dbName: ['db_namespace', 'db_name'],
  destination: ['messaging_destination_name', 'messaging_destination'],
  errorType: ['error_type'],
} as const

/** Labels as the backend spells them, dots or underscores. `consumers`: the attributes that may name one. */
export function readLabels(held: readonly string[], consumers: readonly string[]): CallLabels {
  const spelt = new Map(held.map(label => [plain(label), label]))
  const all = (names: readonly string[]) => names.flatMap(name => spelt.get(name) ?? [])
  const first = (...names: string[]) => all(names)[0]
  const kind = first('span_kind')
  return {
    // `service` is Tempo's, and means something else on metrics that are not of spans.
    service: first('service_name', ...(kind ? ['service'] : []), 'exported_job') ?? 'job',
    ...Object.fromEntries(Object.entries(candidates).map(([field, names]) => [field, all(names)])) as Record<keyof typeof candidates, string[]>,
    consumer: all(consumers.map(plain)),
    operation: first('span_name', ...(kind ? ['operation'] : [])),
    kind,
    outcome: first('status_code', 'otel_status_code'),
    client: first('client'), server: first('server'), connection: first('connection_type'),
  }
}

/**
 * What tells one sender's process from another: a counter of it starts from zero, and everything else it counts began
 * no earlier. A scrape that overwrites its labels moves them aside.
 */
export function targetOf(held: readonly string[]): string[] {
  const exported = ['exported_job', 'exported_instance'].filter(label => held.includes(label))
  return exported.length ? exported : ['job', 'instance']
}

/** `shop/API-Gateway` of a job is the service `api-gateway`. */
export function serviceOf(label: string, value: string): string {
  const name = isJob(label) ? value.slice(value.lastIndexOf('/') + 1) : value
  return name.toLowerCase()
}

export function isJob(label: string): boolean {
  return label === 'job' || label === 'exported_job'
}

function plain(label: string): string {
  return label.replace(/\W/g, '_')
}

/** The first that says something: newer conventions stand before older ones. */
export function firstOf(labels: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  for (const name of names) if (labels[name]) return labels[name]
  return undefined
}
