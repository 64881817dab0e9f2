/** A fault of ours, not of the backend: what callers sent is checked before it becomes a path. */
export class NotAPath extends RangeError {}

/**
 * A path with what callers sent in it, each value as one segment. What could walk up or split in two behind a proxy,
 * however it is encoded, is refused.
 */
export function path(fixed: TemplateStringsArray, ...values: string[]): string {
  return fixed.reduce((whole, part, i) => whole + segment(values[i - 1]!) + part)
}

function segment(value: string): string {
  if (!value || /^\.\.?$/.test(value) || /[\p{Cc}/\\]/u.test(value) || !value.isWellFormed()) throw new NotAPath(value)
  return encodeURIComponent(value)
}

/** What `path` and our own constants make; anything else was put together by hand. */
export function isPath(path: string): boolean {
  return /^(?:\/[\w.~!$&'()*+,;=:@%-]+)*\/?$/.test(path) && !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(path) && !/%(?:2f|5c|00)/i.test(path)
}
