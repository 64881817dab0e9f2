import { parentPort } from 'node:worker_threads'
import { answer } from '#server/telemetry/worker-port'
import { diagnose } from './diagnose'

answer(parentPort!, { diagnose })
