/** Headers that say who we are. A function, because nothing that prints, sends or stores a value looks inside one. */
export type Credentials = () => Record<string, string>

export interface Backend {
  /** Base address, a path included where the backend stands behind one. */
  url: string
  credentials?: Credentials
  /** PEM of the authority that signed its certificate, in place of the system's. */
  ca?: string
}

export const basic = (username: string, password: string): Credentials => {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64')
  return () => ({ authorization: `Basic ${encoded}` })
}
export const bearer = (token: string): Credentials => () => ({ authorization: `Bearer ${token}` })
/** Elasticsearch has a scheme of its own; gateways in front of the others ask for a header. */
export const elasticApiKey = (key: string): Credentials => () => ({ authorization: `ApiKey ${key}` })
export const apiKeyHeader = (key: string): Credentials => () => ({ 'x-api-key': key })
