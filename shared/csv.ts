/** The mark at the front tells a spreadsheet that the file is UTF-8. */
export const csvMark = '\uFEFF'

export function csvRow(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

/**
 * Quoted where it must be; what a spreadsheet would take for a formula is made text, the wide signs of Korean and
 * Japanese keyboards too. Numbers are numbers.
 */
function cell(value: unknown): string {
  if (typeof value === 'number') return String(value)
  const said = value === null || value === undefined ? '' : String(value)
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(said) ? `'${said}` : said
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
