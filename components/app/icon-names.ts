/** Lucide icons in use, each drawn by `<AppIcon name>`. A name missing here fails the build, not the reader. */
export const iconNames = [
  'activity', 'archive', 'arrow-left', 'arrow-right', 'arrow-up-right', 'ban', 'bell', 'bell-off', 'bookmark', 'building-2', 'calendar', 'check',
  'chevron-down', 'chevron-left', 'chevron-right', 'chevron-up', 'chevrons-up-down', 'circle-arrow-down', 'circle-alert', 'circle-check', 'circle-help', 'circle-check-big', 'circle-x',
  'clock', 'clock-alert', 'columns-3', 'copy', 'database', 'download', 'ellipsis', 'ellipsis-vertical', 'expand', 'eye', 'eye-off', 'file-text',
  'filter', 'flame', 'git-commit-horizontal', 'git-compare', 'git-merge', 'globe', 'hand', 'hard-drive', 'headset', 'history', 'hourglass', 'info',
  'key-round', 'keyboard', 'languages', 'layers', 'lightbulb', 'line-chart', 'link', 'list-filter', 'list-tree', 'lock', 'log-out', 'mail',
  'maximize-2', 'megaphone', 'menu', 'message-square', 'message-square-text', 'minus', 'monitor', 'moon', 'network', 'panel-left-close', 'panel-left-open', 'pause', 'pencil', 'pencil-line',
  'play', 'plug', 'plus', 'power', 'radar', 'refresh-cw', 'rocket', 'rotate-ccw', 'route', 'save', 'scan-search', 'scroll-text', 'search', 'send',
  'server', 'settings', 'share-2', 'shield', 'shield-alert', 'siren', 'spline', 'square-stack', 'sun', 'table', 'target', 'terminal', 'text-align-start', 'text-search', 'trash-2',
  'triangle-alert', 'unfold-horizontal', 'user', 'user-plus', 'users', 'waypoints', 'workflow', 'x', 'zoom-in', 'zoom-out',
] as const

export type IconName = (typeof iconNames)[number]
