/** `name = value`, `name: value`, however they are spaced; the first sign divides. */
export function splitCondition(text: string): { name: string, value: string } | undefined {
  const [, name, value] = /^\s*([^\s=:<>]{1,200})\s*[=:]\s*(\S(?:.*\S)?)\s*$/su.exec(text) ?? []
  return name === undefined ? undefined : { name, value: unquoted(value!) }
}

function unquoted(value: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(value) ? value.slice(1, -1) : value
}
