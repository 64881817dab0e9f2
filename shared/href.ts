type QueryValue = string | number | null | undefined

/**
 * `/traces?range=5m&service=a%26b`: a path within the app with what is set of a query. The path is taken as it is: a
 * name in it is encoded by who puts it there.
 */
export function href(path: string, query: Readonly<Record<string, QueryValue | QueryValue[]>> = {}): string {
  let search = ''
  for (const name in query) {
    for (const value of [query[name]].flat()) {
      if (value === undefined || value === null) continue
      search += `${search ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
    }
  }
  return path + search
}
