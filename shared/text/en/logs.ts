export const logs = {
  title: 'logs',
}
