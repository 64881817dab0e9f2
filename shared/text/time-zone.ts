const known = new Map<string, boolean>()
/** Many more than there are. */
const mostKept = 1_000
/** The longest there is has 32 characters. */
const longest = 64

/** Whether this runtime knows a time zone by that IANA name. Asked of every request, so that what is known is kept. */
export function isZone(zone: string): boolean {
  if (zone.length > longest) return false
  const held = known.get(zone)
  if (held !== undefined) return held
  const valid = canFormat(zone)
  // A caller may send any number of names.
  if (known.size < mostKept) known.set(zone, valid)
  return valid
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  }
  catch {
    return false
  }
}
