/** A map that forgets what was not asked for longest. */
export class LruMap<K, V> {
  private map = new Map<K, V>()
  private most: number

  constructor(most: number) {
    this.most = most
  }

  get(key: K): V | undefined {
    const value = this.map.get(key)
    if (value !== undefined) {
      this.map.delete(key)
      this.map.set(key, value)
    }
    return value
  }

  delete(key: K): void {
    this.map.delete(key)
  }

  set(key: K, value: V): void {
    this.map.delete(key)
    this.map.set(key, value)
    if (this.map.size > this.most) this.map.delete(this.map.keys().next().value!)
  }
}
