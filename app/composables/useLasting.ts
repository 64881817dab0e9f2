import { formatDurationInWords } from '#shared/text/format'

/** How long something lasted, in words. */
export function useLasting() {
  const text = useText()
  const millis = (length: number) => formatDurationInWords(Math.max(0, Math.floor(length / 1_000)) * 1_000_000, text.language)
  return {
    millis,
    ago: (from: Date, to: Date) => millis(to.getTime() - from.getTime()),
    /** For people who pass it on, and for what is read from afar: whole minutes, whole hours. */
    roughly(from: Date, to: Date): string {
      const minutes = Math.max(1, Math.floor((to.getTime() - from.getTime()) / 60_000))
      return minutes < 120 ? text('support.minutes', { count: minutes }) : text('support.hours', { count: Math.floor(minutes / 60) })
    },
  }
}
