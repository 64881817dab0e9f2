export const traces = {
  title: 'traces',
}
