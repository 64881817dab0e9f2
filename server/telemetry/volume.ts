import { statfs } from 'node:fs/promises'

/** Room of the file system a directory lies on, as this process may use it: what is kept for root does not count as free. */
export async function readVolume(directory: string): Promise<{ bytes: number, freeBytes: number } | undefined> {
  try {
    const { bsize, blocks, bavail } = await statfs(directory)
    return { bytes: bsize * blocks, freeBytes: bsize * bavail }
  }
  catch {
    return undefined
  }
}
