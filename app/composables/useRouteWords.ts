import type { RouteView } from '#shared/schemas/notification'

/** A route as people say it, part by part. */
export function useRouteWords() {
  const text = useText()

  function ownersOf(teams: string[]): string {
    const named = teams.filter(Boolean).join(', ')
    return [...named ? [text('notifications.route.teams', { teams: named })] : [], ...teams.includes('') ? [text('notifications.route.unowned')] : []].join(', ')
  }

  return ({ severity, teams, events, quietFrom, quietTo, zone, criticalPierces, enabled }: RouteView): string[] => [
    ...enabled ? [] : [text('notifications.route.off')],
    text(`notifications.route.severity.${severity}`),
    teams === null ? text('notifications.route.all') : ownersOf(teams),
    events.map(event => text(`notifications.event.${event}`)).join(', '),
    ...quietFrom !== null && quietTo !== null
      ? [text('notifications.route.quiet', { from: quietFrom, to: quietTo, zone }), ...criticalPierces && severity !== 'critical' ? [text('notifications.route.pierces')] : []]
      : [],
  ]
}
