import type { RouteView } from '#shared/schemas/notification'

/** A route as people say it, part by part. */
export function useRouteWords() {
  const text = useText()

  return ({ severity, teams, events, quietFrom, quietTo, zone, criticalPierces, enabled }: RouteView): string[] => [
    ...enabled ? [] : [text('notifications.route.off')],
    text(`notifications.route.severity.${severity}`),
    teams === null ? text('notifications.route.all') : text('notifications.route.teams', { teams: teams.map(team => team || text('notifications.route.unowned')).join(', ') }),
    events.map(event => text(`notifications.event.${event}`)).join(', '),
    ...quietFrom !== null && quietTo !== null
      ? [text('notifications.route.quiet', { from: quietFrom, to: quietTo, zone }), ...criticalPierces && severity !== 'critical' ? [text('notifications.route.pierces')] : []]
      : [],
  ]
}
