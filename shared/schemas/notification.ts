/** What happens to an incident that somebody may want to hear of. */
export const noticeEvents = ['opened', 'updated', 'resolved', 'reopened'] as const
export type NoticeEvent = (typeof noticeEvents)[number]

export const noticeKinds = ['incident.opened', 'incident.updated', 'incident.resolved', 'incident.reopened', 'test'] as const
export const noticeSeverities = ['critical', 'warning'] as const
export type NoticeSeverity = (typeof noticeSeverities)[number]

/** `chat`: what Slack, Mattermost and others understand. */
export const channelKinds = ['webhook', 'chat', 'email'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** `plain`: for people who have never seen a trace; names no service and no reason. */
export const wordings = ['full', 'plain'] as const
export type Wording = (typeof wordings)[number]
