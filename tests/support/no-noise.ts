import { afterEach, beforeEach, vi } from 'vitest'

// Whatever is written to the console in a test is a fault of the code or a missing expectation.
beforeEach(() => {
  vi.spyOn(console, 'error')
  vi.spyOn(console, 'warn')
})

afterEach(() => {
  for (const level of ['error', 'warn'] as const) {
    const calls = vi.mocked(console[level]).mock?.calls ?? []
    if (calls.length) throw new Error(`console.${level} was called: ${String(calls[0])}. Handle it, or expect it with vi.mocked(console.${level}).mockClear().`)
  }
  vi.restoreAllMocks()
})
