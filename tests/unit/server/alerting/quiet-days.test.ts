import { describe, expect, it } from 'vitest'
import { DAY } from '#shared/units'
import { createSimulatedPlatform, ordinaryDays } from '../../../support/simulated-platform'
import { watch } from '../../../support/watched-platform'

const start = Math.floor(Date.parse('2026-11-02T00:00:00Z') / (30 * DAY)) * 30 * DAY

/** Peaks, deployments, surges, pauses, bursts of failures, a batch at night. `npm run bench -- detection` plays ten of them. */
describe('ordinary days', () => {
  it.each([21, 22])('page at most once each, seed %d', async (seed) => {
    const watched = watch(createSimulatedPlatform({ seed, weather: ordinaryDays(seed * 7) }))
    await watched.run(start, start + DAY)
    expect(watched.pages().map(page => page.map(({ rule, finding }) => `${rule.id} ${JSON.stringify(finding.subject)}`)).length).toBeLessThanOrEqual(1)
  }, 120_000)
})
