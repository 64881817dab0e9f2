import type { Text } from '#shared/text/text'
import type { Content, Told } from './content'

/** A mail's words, plain: readable on every phone, and nothing a sender of telemetry could make into markup. */
export function mailText(content: Content, { text, recipient, environment, origin }: { text: Text, recipient: string, environment: string, origin: string }): string {
  const several = content.summary !== undefined
  return [
    ...several ? [content.summary!, text('notifications.message.joinedWhy'), ''] : [],
    ...content.told.flatMap(told => [...blockOf(told, text, several), '']),
    ...content.more ? [text('notifications.message.more', { count: content.more }), ''] : [],
    ...several ? [`${text('notifications.message.openAll')}: ${origin}/incidents`, ''] : [],
    '-- ',
    text('notifications.message.why', { recipient, environment }),
    '',
  ].join('\n')
}

function blockOf(told: Told, text: Text, isOneOfMany: boolean): string[] {
  if (isOneOfMany) return [told.head, told.title, told.url]
  const lists = ([['consumers', told.consumers], ['endpoints', told.endpoints], ['services', told.services]] as const)
    .filter(([, values]) => values.length).map(([name, values]) => `${text(`notifications.message.${name}`)}: ${values.join(', ')}`)
  return [
    ...told.head ? [told.head] : [],
    told.title,
    '',
    ...told.facts.map(fact => `- ${fact}`),
    ...told.facts.length ? [''] : [],
    `${text('notifications.message.at')}: ${told.when}`,
    ...lists,
    ...told.event === 'test' ? [] : ['', `${text(told.incident ? 'notifications.message.open' : 'notifications.message.openAll')}: ${told.url}`],
  ]
}
