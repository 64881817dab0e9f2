/** Sends a change and gives back what became of it; refused, it throws what `problemOf` reads. */
export function send<T = unknown>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: Record<string, unknown>): Promise<T> {
  // As a plain string: inferring the answer from every route there is costs the type checker more than it tells.
  return $fetch<T>(path as string, { method, body }) as Promise<T>
}
