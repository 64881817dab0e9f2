import type { Upstream } from '../upstream/upstream'
import { greeting } from './wire'

/** Where the two went apart: how a sort is written, and how a point in time is opened and closed. */
export interface Product {
  name: 'elasticsearch' | 'opensearch'
  version?: string
}

/** Asked once. An account that may not ask who answers is answered as Elasticsearch would be. */
export function createProductFinder(upstream: Upstream): (signal?: AbortSignal) => Promise<Product> {
  let known: Product | undefined
  return async (signal) => {
    if (known) return known
    try {
      known = toProduct(await upstream.get('/', greeting, { signal }))
      return known
    }
    catch {
      return { name: 'elasticsearch' }
    }
  }
}

export function toProduct({ version }: { version: { number: string, distribution?: string } }): Product {
  return { name: version.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch', version: version.number }
}
