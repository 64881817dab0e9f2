import { en } from './en'
import { ko } from './ko'

/** Both at once, for a server that writes for every reader; a browser loads one (`app/plugins/2.text.ts`). */
export const catalogues = { en, ko }
