import type { Translation } from '../catalogue'
import type { monitoring as en } from '../en/monitoring'

export const monitoring: Translation<typeof en> = {
  title: 'monitoring',
}
