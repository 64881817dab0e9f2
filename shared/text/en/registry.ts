export const registry = {
  title: 'registry',
}
