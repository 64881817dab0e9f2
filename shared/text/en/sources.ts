export const sources = {
  title: 'sources',
}
