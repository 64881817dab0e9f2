/** Numbers for pairs of numbers, in order of appearance: how operations, calls and keys get theirs without making texts. */
export class PairNumbers {
  readonly first: number[] = []
  readonly second: number[] = []
  private known = new Map<number, number>()

  get count(): number {
    return this.first.length
  }

  /** Both below 2^26. */
  add(first: number, second: number): number {
    const name = first * 2 ** 26 + second
    let number = this.known.get(name)
    if (number === undefined) {
      this.known.set(name, number = this.first.length)
      this.first.push(first)
      this.second.push(second)
    }
    return number
  }

  find(first: number, second: number): number | undefined {
    return this.known.get(first * 2 ** 26 + second)
  }
}
