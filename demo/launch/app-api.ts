/** What the app answered instead of what was asked for. */
export class RefusedError extends Error {
  readonly status: number
  readonly code: string
  constructor(request: string, status: number, problem: { code?: string, title?: string, detail?: string }) {
    super(`${request} was answered ${status}: ${problem.detail ?? problem.title ?? problem.code ?? 'no reason given'}`)
    this.status = status
    this.code = problem.code ?? ''
  }
}

/** The app's public API as one signed-in person uses it: the cookie of the last sign-in goes with every call. */
export function createAppApi({ address, origin }: { address: string, origin: string }) {
  let cookie: string | undefined

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        'accept-language': 'en',
        ...(cookie ? { cookie } : {}),
        ...(method === 'GET' ? {} : { 'origin': origin, 'content-type': 'application/json' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
      signal: AbortSignal.timeout(20_000),
    })
    const set = response.headers.getSetCookie().at(-1)
    if (set) cookie = set.split(';')[0]
    const text = await response.text()
    const answer: unknown = text ? JSON.parse(text) : undefined
    if (!response.ok) throw new RefusedError(`${method} ${path}`, response.status, answer ?? {})
    return answer as T
  }

  return {
    get: <T>(path: string) => ask<T>('GET', path),
    post: <T>(path: string, body?: unknown) => ask<T>('POST', path, body),
    patch: <T>(path: string, body: unknown) => ask<T>('PATCH', path, body),
    delete: (path: string) => ask<unknown>('DELETE', path),
  }
}

export type AppApi = ReturnType<typeof createAppApi>

export function isRefusal(error: unknown, ...codes: string[]): error is RefusedError {
  return error instanceof RefusedError && codes.includes(error.code)
}
