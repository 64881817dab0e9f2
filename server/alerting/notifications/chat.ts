import type { Text } from '#shared/text/text'
import type { Content, Told } from './content'

const colours = { critical: '#d93632', warning: '#ce7f0e', resolved: '#469974', test: '#848c97' }

/** What Slack and Mattermost both read: a line, and an attachment for each incident. */
export function chatBody(content: Content, text: Text): string {
  const more = content.more ? [text('notifications.message.more', { count: content.more })] : []
  return JSON.stringify({
    text: safe([content.summary ?? content.told[0]?.head ?? '', ...more].filter(Boolean).join(' · ') || content.subject),
    attachments: content.told.map(told => attachmentOf(told, text, content.summary !== undefined)),
  })
}

function attachmentOf(told: Told, text: Text, isOneOfMany: boolean) {
  const fields = [
    ['consumers', told.consumers], ['endpoints', told.endpoints], ['services', told.services], ['at', [told.when]],
  ] as const
  return {
    color: colours[told.word === 'resolved' || told.word === 'test' ? told.word : told.severity],
    fallback: safe([told.head, told.title].filter(Boolean).join(' · ')),
    title: safe(isOneOfMany ? `${told.head} · ${told.title}` : told.title),
    title_link: told.url,
    text: safe(isOneOfMany ? '' : told.facts.join('\n')),
    fields: isOneOfMany ? [] : fields.filter(([, values]) => values.length).map(([name, values]) => ({ title: text(`notifications.message.${name}`), value: safe(values.join(', ')), short: true })),
  }
}

/**
 * Names come from senders of telemetry: none of them may call a whole room together, or look like a link of ours. Slack
 * reads only what is escaped here; Mattermost reads Markdown and `@channel` too, so those are broken by a character
 * that is not seen.
 */
function safe(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    .replaceAll(/@(?=\S)/g, '@\u200B').replaceAll('](', ']\u200B(')
}
