import type { Translation } from '../catalogue'
import type { trace as en } from '../en/trace'

export const trace: Translation<typeof en> = {
  title: 'trace',
}
