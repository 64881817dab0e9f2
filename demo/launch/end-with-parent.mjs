// Loaded into a process that does not know us (node --import): when the channel to its parent closes, the parent is
// gone, and the process ends as if it had been asked to.
process.channel?.unref()
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
