import { states, type State } from './state'

/** `hhddc…`, one letter a minute: sixty states in sixty bytes. */
export function packStates(strip: readonly State[]): string {
  return strip.map(state => state[0]).join('')
}

export function unpackStates(packed: string): State[] {
  return [...packed].map(letter => states.find(state => state.startsWith(letter)) ?? 'unknown')
}
