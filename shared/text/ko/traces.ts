import type { Translation } from '../catalogue'
import type { traces as en } from '../en/traces'

export const traces: Translation<typeof en> = {
  title: 'traces',
}
