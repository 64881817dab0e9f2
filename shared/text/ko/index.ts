import type { Translation } from '../catalogue'
import type { en } from '../en'
import { access } from './access'
import { app } from './app'
import { audit } from './audit'
import { error } from './error'
import { logs } from './logs'
import { monitoring } from './monitoring'
import { registry } from './registry'
import { sources } from './sources'
import { trace } from './trace'
import { traces } from './traces'

export const ko: Translation<typeof en> = { access, app, audit, error, logs, monitoring, registry, sources, trace, traces }
