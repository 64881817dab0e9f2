import type { ChannelView, OwnRoute, RouteView, TestAnswer, UpdateChannel } from '#shared/schemas/notification'

interface Saved { channel: ChannelView, secret: string | null }

/** What the forms of notifications send; reading is the pages' own. */
export function useNotificationApi() {
  return {
    createChannel: (body: Record<string, unknown>) => send<Saved>('POST', '/api/notifications/channels', body),
    updateChannel: (id: string, body: UpdateChannel) => send<Saved>('PATCH', `/api/notifications/channels/${id}`, body),
    removeChannel: (id: string) => send('DELETE', `/api/notifications/channels/${id}`),
    renewSecret: (id: string) => send<{ secret: string, previousUntil: string }>('POST', `/api/notifications/channels/${id}/secret`),
    testChannel: (id: string) => send<TestAnswer>('POST', `/api/notifications/channels/${id}/test`),
    sendAgain: (id: string) => send('POST', `/api/notifications/messages/${id}/again`),
    testOwn: () => send<TestAnswer>('POST', '/api/account/notifications/test'),

    /** Of a channel, or one's own where none is named. */
    saveRoute(body: OwnRoute, { id, channelId }: { id?: string, channelId?: string | null }) {
      const base = channelId ? '/api/notifications/routes' : '/api/account/notifications'
      const whole = { ...body, ...(channelId && { channelId }) }
      return id ? send<RouteView>('PUT', `${base}/${id}`, whole) : send<RouteView>('POST', base, whole)
    },
    removeRoute: ({ id, channelId }: RouteView) => send('DELETE', channelId ? `/api/notifications/routes/${id}` : `/api/account/notifications/${id}`),
  }
}
