import type { Translation } from '../catalogue'
import type { sources as en } from '../en/sources'

export const sources: Translation<typeof en> = {
  title: 'sources',
}
