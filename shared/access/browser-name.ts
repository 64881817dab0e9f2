/** `Chrome · Linux` from a user agent, enough to tell one's own browsers apart; undefined for what is not a browser. */
export function browserName(userAgent: string | null): string | undefined {
  if (!userAgent) return undefined
  const browser = firstOf(userAgent, [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Whale/', 'Whale'], ['SamsungBrowser/', 'Samsung Internet'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']])
  const system = firstOf(userAgent, [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Mac OS X', 'macOS'], ['Windows', 'Windows'], ['Linux', 'Linux']])
  const names = [browser, system].filter(Boolean)
  return names.length ? names.join(' · ') : userAgent.split('/')[0]
}

function firstOf(text: string, marks: [string, string][]): string | undefined {
  return marks.find(([mark]) => text.includes(mark))?.[1]
}
