import { parentPort } from 'node:worker_threads'
import { answer } from '../worker-port'
import { createTraceDesk } from './trace-desk'

answer(parentPort!, createTraceDesk())
