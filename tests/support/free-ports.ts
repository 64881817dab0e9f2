import { createServer } from 'node:net'

/** The first of six ports in a row that nobody listens on; below the range the system hands out by itself. */
export async function sixFreePorts(from = 27_130): Promise<number> {
  for (let first = from; ; first += 6) {
    const free = await Promise.all(Array.from({ length: 6 }, (_, i) => isFree(first + i)))
    if (free.every(Boolean)) return first
  }
}

function isFree(candidate: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer().once('error', () => done(false)).listen(candidate, '127.0.0.1', () => probe.close(() => done(true)))
  })
}
