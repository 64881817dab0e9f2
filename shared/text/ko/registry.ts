import type { Translation } from '../catalogue'
import type { registry as en } from '../en/registry'

export const registry: Translation<typeof en> = {
  title: 'registry',
}
