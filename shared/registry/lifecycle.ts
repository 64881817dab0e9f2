import type { Lifecycle } from '../schemas/endpoint'

export const lifecycleVerbs = ['activate', 'deprecate', 'retire', 'restore'] as const
export type LifecycleVerb = (typeof lifecycleVerbs)[number]

/** Live endpoints own their route: of each there is at most one. */
export function isLive(lifecycle: Lifecycle): boolean {
  return lifecycle === 'active' || lifecycle === 'deprecated'
}

/**
 * Where a verb leads, or undefined where it is refused. Restoring takes the last step back: an announced end is called
 * off, and what was retired is live again, or a draft if it never was more.
 *
 *   draft ─ activate ─▶ active ─ deprecate ─▶ deprecated ─ retire ─▶ retired
 *     └───────────────────┴──────────── retire ────────────────────────▲
 */
export function nextLifecycle(verb: LifecycleVerb, from: Lifecycle, wasLive: boolean): Lifecycle | undefined {
  if (verb === 'activate') return from === 'draft' ? 'active' : undefined
  if (verb === 'deprecate') return from === 'active' ? 'deprecated' : undefined
  if (verb === 'retire') return from === 'retired' ? undefined : 'retired'
  if (from === 'deprecated') return 'active'
  return from === 'retired' ? (wasLive ? 'active' : 'draft') : undefined
}
