import type { Translation } from '../catalogue'
import type { logs as en } from '../en/logs'

export const logs: Translation<typeof en> = {
  title: 'logs',
}
