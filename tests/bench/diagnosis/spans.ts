import type { Instance } from './instances.ts'

export type Attributes = Record<string, string | number | boolean>

export interface SimSpan {
  traceId: string
  spanId: string
  parentId: string
  name: string
  kind: 1 | 2 | 3 | 4 | 5
  start: number
  end: number
  error: boolean
  attributes: Attributes
  exception?: { type: string, message: string }
  service: string
  instance: Instance
}

export interface SimLog {
  at: number
  severity: 'INFO' | 'ERROR'
  body: string
  traceId: string
  spanId: string
  service: string
  instance: Instance
}
