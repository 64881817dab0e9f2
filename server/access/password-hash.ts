import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '#shared/errors'

/** Memory in KiB, passes, lanes. Raising them takes effect at each person's next sign-in. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const derive = promisify(argon2)

/** Hashes share the thread pool with files and name look-ups: a storm of sign-ins must not stall the pages. */
const atOnce = 2
const mayWait = 50

/** A well-formed hash that no password fits, so that an unknown name costs what a known one does. */
const nobody = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

export type PasswordHasher = ReturnType<typeof createPasswordHasher>

export function createPasswordHasher() {
  const run = createQueue(atOnce, mayWait)
  return {
    /** PHC string with a salt of its own. */
    hash: (password: string) => run(async () => {
      const salt = randomBytes(16)
      return format(salt, await compute(password, salt, cost, 32))
    }),
    /** Takes as long for `null` (nobody of that name, or no password yet), which never fits. */
    verify: (password: string, stored: string | null) => run(async () => {
      const { salt, hash, cost } = parse(stored ?? nobody)
      const fits = timingSafeEqual(await compute(password, salt, cost, hash.length), hash)
      return fits && stored !== null
    }),
    isOutdated: (stored: string) => {
      const { cost: then } = parse(stored)
      return then.memory < cost.memory || then.passes < cost.passes
    },
  }
}

function compute(password: string, salt: Buffer, { memory, passes, parallelism }: typeof cost, length: number): Promise<Buffer> {
  return derive('argon2id', { message: password, nonce: salt, memory, passes, parallelism, tagLength: length }) as Promise<Buffer>
}

function format(salt: Buffer, hash: Buffer): string {
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(hash)}`
}

function parse(stored: string) {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored)
  if (!parts) throw new TypeError('not an argon2id hash')
  const [, memory, passes, parallelism, salt, hash] = parts
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt!, 'base64'),
    hash: Buffer.from(hash!, 'base64'),
  }
}

function createQueue(atOnce: number, mayWait: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= mayWait) throw new AppError('request.too_many', { seconds: 5 })
      // Whoever ends hands its place on, so nobody can slip in between.
      await new Promise<void>(resolve => waiting.push(resolve))
    }
    else {
      running++
    }
    try {
      return await work()
    }
    finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
