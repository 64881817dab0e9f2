import { access } from './access'
import { app } from './app'
import { audit } from './audit'
import { diagnosis } from './diagnosis'
import { error } from './error'
import { logs } from './logs'
import { monitoring } from './monitoring'
import { registry } from './registry'
import { source } from './source'
import { sources } from './sources'
import { trace } from './trace'
import { traces } from './traces'

export const en = { access, app, audit, diagnosis, error, logs, monitoring, registry, source, sources, trace, traces }
