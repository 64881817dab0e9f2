/** Nothing but the address of a web page, as a browser and a reader both see it. */
export function isPlainLink(text: string, protocols: readonly string[] = ['https:']): boolean {
  // Whitespace and control characters are what the two see differently.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text) || !/^https?:\/\//i.test(text)) return false
  try {
    const { protocol, hostname, username, password } = new URL(text)
    return protocols.includes(protocol) && hostname !== '' && username === '' && password === ''
  }
  catch {
    return false
  }
}
