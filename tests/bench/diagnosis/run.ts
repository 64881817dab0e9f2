// npm run bench:diagnosis                through replay (through-replay.ts)
// npm run bench:diagnosis -- asked       diagnosis alone (asked.ts)
await (process.argv[2] === 'asked' ? import('./asked.ts') : import('./through-replay.ts'))
