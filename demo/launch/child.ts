import { fork } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

export interface ChildOptions {
  name: string
  file: string
  args?: string[]
  execArgv?: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  /** Where it writes; readable by the owner only, because a set-up link may stand in it. */
  logFile: string
  /** A process group of its own: Ctrl+C in the terminal does not reach it. */
  detached?: boolean
}

/**
 * A process this one answers for. The channel between them is how it notices that this one is gone, however that came
 * about; what it says over it goes to the listeners.
 */
export function startChild({ name, file, args = [], execArgv = [], env, cwd, logFile, detached = false }: ChildOptions) {
  const output = openSync(logFile, 'w', 0o600)
  const child = fork(file, args, { cwd, env, execArgv, detached, stdio: ['ignore', output, output, 'ipc'] })
  closeSync(output)
  let ended = false
  const exit = new Promise<string>((done) => {
    child.once('error', error => done(error.message))
    child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`))
  })
  void exit.then(() => {
    ended = true
  })

  return {
    name,
    logFile,
    /** How it ended, when it has. */
    exit,
    isRunning: () => !ended,
    onMessage: (listener: (message: Record<string, unknown>) => void) => child.on('message', message => listener(message as Record<string, unknown>)),
    tell(message: Record<string, unknown>): void {
      if (!ended && child.connected) child.send(message, () => {})
    },
    /** Asks first, and insists after a while. */
    async stop(patience: number): Promise<void> {
      if (ended) return
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), patience)
      await exit
      clearTimeout(insist)
    },
    lastWords: (lines = 15) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
  }
}

export type Child = ReturnType<typeof startChild>
