/**
 * Asks our own API from code rather than from `useFetch`. The schema's type says what is answered: the types of all
 * routes together are deeper than the checker goes.
 */
export function useAsk() {
  return useRequestFetch() as unknown as <Answer>(path: string, options?: { query?: object }) => Promise<Answer>
}
