import { describe, expect, it } from 'vitest'
import { inRounds } from '#server/rounds'
import type { PrometheusApi, Queried } from '#server/telemetry/prometheus/api'
import { createRecentAnswers } from '#server/telemetry/prometheus/recent-answers'
import { sourceTrouble } from '#server/telemetry/upstream/upstream'
import { createFakeClock } from '../../../../support/fake-clock'

const nothing: Queried = { kind: 'vector', series: [], warnings: [] }

/** Over an API that answers nothing, save the queries that are `away`, and notes what it is asked. */
function over() {
  const clock = createFakeClock()
  const asked: string[] = []
  const away = new Set<string>()
  const answer = async (query: string) => {
    asked.push(query)
    if (away.has(query)) throw sourceTrouble('prometheus', 'timeout')
    return { ...nothing }
  }
  const api = createRecentAnswers({ api: { instant: answer, range: answer } as unknown as PrometheusApi, clock })
  return { clock, asked, away, api, ask: (...queries: string[]) => Promise.allSettled(queries.map(query => api.instant(query, clock.now()))) }
}

describe('recent answers', () => {
  it('ask once for all who ask the same at about the same time', async () => {
    const { clock, asked, api } = over()
    const early = api.instant('a', clock.now())
    clock.advance(3_000)
    expect(await api.instant('a', clock.now())).toBe(await early)
    clock.advance(1_000)
    expect(await api.instant('a', clock.now())).not.toBe(await early)
    expect(asked).toEqual(['a', 'a'])
  })

  it('keep apart what is asked of other moments and of other steps', async () => {
    const { clock, asked, api } = over()
    const now = clock.now()
    const hour = { from: new Date(now.getTime() - 3_600_000), to: now, step: 60_000 }
    await Promise.all([api.instant('a', now), api.instant('a', hour.from), api.range('a', hour), api.range('a', { ...hour, step: 30_000 }), api.range('a', hour)])
    expect(asked).toHaveLength(4)
  })

  it('let who lacked a part ask for that part only, while the backend cannot answer everything', async () => {
    const { clock, asked, away, ask } = over()
    away.add('slow')
    await ask('quick', 'slow')
    clock.advance(7_000)
    away.clear()
    await ask('quick', 'slow')
    expect(asked).toEqual(['quick', 'slow', 'slow'])
    clock.advance(4_000)
    await ask('quick', 'slow')
    expect(asked.slice(3)).toEqual(['quick', 'slow'])
  })

  it('leave a question alone when one who asked it leaves', async () => {
    const { clock, asked, api } = over()
    const left = AbortSignal.abort()
    await expect(api.instant('a', clock.now(), { signal: left })).resolves.toEqual(nothing)
    await api.instant('a', clock.now())
    expect(asked).toEqual(['a'])
  })

  it('are not for rounds, which ask for themselves', async () => {
    const { clock, asked, api } = over()
    await api.instant('a', clock.now())
    await inRounds(() => api.instant('a', clock.now()))
    expect(asked).toEqual(['a', 'a'])
  })
})
