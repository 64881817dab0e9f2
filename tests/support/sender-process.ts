// Our sender as it runs in the app, in a process of its own that a test kills. Its clock goes thirty times as fast, from a moment that all share.
import { createNotifications } from '#server/alerting/alerting'
import type { Clock } from '#server/clock'
import { openControl } from '#server/db/client'

const [path, epoch] = process.argv.slice(2)
const speed = 30
const start = Number(epoch)
const now = () => new Date(start + (Date.now() - start) * speed)
const clock: Clock = {
  now,
  monotonic: () => performance.now() * speed,
  at(time, run) {
    const timer = setTimeout(run, Math.max(0, time.getTime() - now().getTime()) / speed)
    return () => clearTimeout(timer)
  },
  every(interval, run) {
    const timer = setInterval(run, interval / speed)
    return () => clearInterval(timer)
  },
}
createNotifications({
  db: openControl(path!), clock, settings: { networks: ['127.0.0.0/8'], ports: [[1, 65_535]], retentionDays: 90 }, environment: 'test', origin: 'http://127.0.0.1:3000', zone: 'UTC',
  onTrouble: (error) => {
    // Another process writes and its disk is slow: the app says so and looks again a second later.
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
  },
}).start()
process.send!('ready')
