import type { TextKey } from '#shared/text/text'

/** Built-in roles have a name in every language, others the one they were given. */
export function useRoleName() {
  const text = useText()
  return (role: { id: string, name: string, builtIn: boolean }) => role.builtIn ? text(`access.role.${role.id}` as TextKey) : role.name
}
