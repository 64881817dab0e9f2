const longestMessage = 300

/** First line, with numbers and ids replaced, so that a thousand timeouts are one group. */
export function plainMessage(message: string): string {
  return (message.split('\n', 1)[0] ?? '')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\b0x[\da-f]+\b|\b(?=[\da-f]*\d)[\da-f]{8,}\b|\d+(?:\.\d+)*/gi, '{}')
    .slice(0, longestMessage).trim()
}
