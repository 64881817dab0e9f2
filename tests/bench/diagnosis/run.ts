// npm run bench:diagnosis                through replay (through-replay.ts)
// npm run bench:diagnosis -- asked       diagnosis alone (asked.ts)
// npm run bench:diagnosis -- demo        the demo's faults, in real time (demo.ts)
const ways = { asked: () => import('./asked.ts'), demo: () => import('./demo.ts') }
await (ways[process.argv[2] as keyof typeof ways] ?? (() => import('./through-replay.ts')))()
