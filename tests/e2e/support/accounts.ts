export const roles = ['admin', 'operator', 'support', 'viewer'] as const
export type Role = (typeof roles)[number]

export const password = 'beacon fires on the hill'
export const emailOf = (role: Role) => `${role}@bongsu.example`

/** What the set-up made, for the tests of this run. */
export interface Seeded {
  /** Session cookies by role. */
  sessions: Record<Role, string>
  ingestKey: string
}

export function seeded(): Seeded {
  return JSON.parse(process.env.E2E_SEEDED!) as Seeded
}
