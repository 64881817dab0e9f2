/** What a reader chose on the trace page, by keys that outlive a new fetch; all of it stands in the URL. */
export interface TraceViewState {
  span?: string
  /** Ticks. */
  zoom?: [from: number, to: number]
  fold: string[]
  level?: number
  /** Open although deeper than `level`. */
  open: string[]
  /** Percent; absent is what the trace opens with. */
  hide?: number
  repeats: boolean
  /** Opened folds, by the key of their first span. */
  groups: string[]
  only?: 'errors' | 'path'
  path: boolean
  errorLogs: boolean
  /** Times as sent, without the correction of clocks. */
  raw: boolean
  find: string
  /** The lines of the whole trace stand where the span panel does. */
  logs: boolean
}

export const startState: TraceViewState = { fold: [], open: [], groups: [], repeats: true, path: true, errorLogs: true, raw: false, find: '', logs: false }

type Query = Record<string, string | undefined>
const MOST_KEYS = 200

/** Only what differs from the start, so that a plain link stays plain. Keys are joined by `~`, which no id holds. */
export function writeViewState(state: TraceViewState): Query {
  const keys = (list: string[]) => list.length ? list.slice(0, MOST_KEYS).join('~') : undefined
  return {
    span: state.span,
    zoom: state.zoom && state.zoom.map(Math.round).join('-'),
    fold: keys(state.fold),
    level: state.level === undefined ? undefined : String(state.level),
    open: keys(state.open),
    hide: state.hide === undefined ? undefined : String(state.hide),
    repeats: state.repeats ? undefined : 'open',
    groups: keys(state.groups),
    only: state.only,
    path: state.path ? undefined : 'off',
    errors: state.errorLogs ? undefined : 'off',
    clock: state.raw ? 'raw' : undefined,
    find: state.find || undefined,
    logs: state.logs ? 'all' : undefined,
  }
}

export const viewStateKeys = Object.keys(writeViewState(startState))

export function readViewState(query: Record<string, unknown>): TraceViewState {
  const text = (key: string) => typeof query[key] === 'string' ? query[key] : ''
  const keys = (key: string) => text(key).split('~').filter(Boolean).slice(0, MOST_KEYS)
  const number = (key: string) => /^\d{1,6}(?:\.\d{1,3})?$/.test(text(key)) ? Number(text(key)) : undefined
  const zoom = /^(\d{1,12})-(\d{1,12})$/.exec(text('zoom'))
  const level = number('level')
  const hide = number('hide')
  return {
    ...(text('span') && { span: text('span') }),
    ...(zoom && Number(zoom[1]) < Number(zoom[2]) && { zoom: [Number(zoom[1]), Number(zoom[2])] as [number, number] }),
    fold: keys('fold'), open: keys('open'), groups: keys('groups'),
    ...(level && { level }), ...(hide !== undefined && { hide: Math.min(100, hide) }),
    ...((text('only') === 'errors' || text('only') === 'path') && { only: text('only') as 'errors' | 'path' }),
    repeats: text('repeats') !== 'open', path: text('path') !== 'off', errorLogs: text('errors') !== 'off',
    raw: text('clock') === 'raw', find: text('find'), logs: text('logs') === 'all',
  }
}
