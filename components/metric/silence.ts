import { MINUTE } from '#shared/units'

const silentAfter = 5 * MINUTE

/** A service sends something every few seconds; one that sent nothing for minutes is worth a look. */
export function isSilent(last: Date | number | string, at: Date): boolean {
  return at.getTime() - new Date(last).getTime() > silentAfter
}
