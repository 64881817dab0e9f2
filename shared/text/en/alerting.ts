export const alerting = {
  error: {
    source: '{source} cannot be asked',
    own: 'could not be judged; the log says why',
  },
  outage: {
    errors: { one: '{ratio} of the only request in {seconds} s failed', other: '{ratio} of {count} requests in {seconds} s failed; {limit} is critical' },
    latency: 'p95 was {p95} over {count} requests in {seconds} s; the limit is {limit}',
  },
}
