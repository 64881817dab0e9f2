import type { Translation } from '../catalogue'
import type { access as en } from '../en/access'

export const access: Translation<typeof en> = {
  title: 'access',
}
