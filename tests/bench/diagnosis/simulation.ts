/** Discrete events: processes are generators that wait for a time to pass or for something to happen. Times in µs. */
export type Process<T = void> = Generator<number | Happening<unknown>, T, never>

/** Happens once, with a value. */
export class Happening<T> {
  happened = false
  value: T | undefined
  private waiting: (() => void)[] = []

  fire(value: T): void {
    if (this.happened) return
    this.happened = true
    this.value = value
    for (const resume of this.waiting) resume()
    this.waiting.length = 0
  }

  then(resume: () => void): void {
    if (this.happened) resume()
    else this.waiting.push(resume)
  }
}

export class Simulation {
  now = 0
  private times: number[] = []
  private actions: (() => void)[] = []
  private order: number[] = []
  private counter = 0

  /** Starts a process; the answer happens when it ends. */
  spawn<T>(process: Process<T>): Happening<T> {
    const done = new Happening<T>()
    const step = () => {
      for (;;) {
        const { done: ended, value } = process.next()
        if (ended) return done.fire(value as T)
        if (typeof value === 'number') return this.after(value, step)
        const happening = value as Happening<unknown>
        if (!happening.happened) return happening.then(() => this.after(0, step))
      }
    }
    step()
    return done
  }

  after(delay: number, action: () => void): void {
    const time = this.now + Math.max(0, delay)
    let at = this.times.length
    this.times.push(time)
    this.actions.push(action)
    this.order.push(this.counter++)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.before(at, above)) break
      this.swap(at, above)
      at = above
    }
  }

  run(until: number): void {
    while (this.times.length && this.times[0]! <= until) {
      this.now = this.times[0]!
      this.pop()()
    }
    this.now = until
  }

  private pop(): () => void {
    const action = this.actions[0]!
    const last = this.times.length - 1
    this.swap(0, last)
    this.times.pop()
    this.actions.pop()
    this.order.pop()
    for (let at = 0; ;) {
      const left = 2 * at + 1
      let least = at
      if (left < last && this.before(left, least)) least = left
      if (left + 1 < last && this.before(left + 1, least)) least = left + 1
      if (least === at) return action
      this.swap(at, least)
      at = least
    }
  }

  private before(a: number, b: number): boolean {
    return this.times[a]! - this.times[b]! < 0 || (this.times[a] === this.times[b] && this.order[a]! < this.order[b]!)
  }

  private swap(a: number, b: number): void {
    for (const list of [this.times, this.actions, this.order] as unknown[][]) [list[a], list[b]] = [list[b], list[a]]
  }
}

/** So many at a time, the others wait in line. */
export class Slots {
  size: number
  taken = 0
  private waiting: Happening<undefined>[] = []

  constructor(size: number) {
    this.size = size
  }

  * take(): Process {
    if (this.taken < this.size) {
      this.taken++
      return
    }
    const turn = new Happening<undefined>()
    this.waiting.push(turn)
    yield turn
  }

  release(): void {
    if (this.taken > this.size) {
      this.taken--
      return
    }
    const next = this.waiting.shift()
    if (next) next.fire(undefined)
    else this.taken--
  }

  get inLine(): number {
    return this.waiting.length
  }
}

/** Seeded, so that a scenario is the same each time. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = (seed * 2_654_435_761) >>> 0
  }

  next(): number {
    this.state = (this.state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(this.state ^ this.state >>> 15, 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed)) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1))
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  weighted<T>(list: readonly { weight: number, value: T }[]): T {
    let left = this.next() * list.reduce((sum, { weight }) => sum + weight, 0)
    for (const { weight, value } of list) if ((left -= weight) <= 0) return value
    return list.at(-1)!.value
  }

  /** Log-normal, by its median and the deviation of its logarithm. */
  around(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal())
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }
}
