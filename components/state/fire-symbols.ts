import { firesOf, states } from '#shared/status/state'

const flame = 'M4 0c.5 2.9 3.4 4.3 3.4 7.7A3.4 3.4 0 0 1 4 11.2 3.4 3.4 0 0 1 .6 7.7c0-1.7.8-2.6 1.6-3.7.2.8.6 1.3 1.1 1.6C3.5 3.5 3 1.9 4 0Z'
const places = [0, 1, 2]

/** The four drawings of a state as symbols: `<use href="#fires-critical" />` shows one for a few bytes a row. */
export const symbols = states.map((state) => {
  const fires = firesOf[state]
  const colour = `var(--fire-${fires})`
  const drawing = fires
    ? places.map(place => place < fires
        ? `<path d="${flame}" transform="translate(${place * 8.5 + 1.5} 1)" fill="${colour}"/>`
        : `<circle cx="${place * 8.5 + 5.5}" cy="10" r="1.7" fill="var(--fire-unlit)"/>`).join('') + `<rect y="14" width="28" height="1.8" rx=".9" fill="${colour}"/>`
    : places.map(place => `<circle cx="${place * 8.5 + 5.5}" cy="9.5" r="2" fill="none" stroke="var(--fire-unlit)" stroke-width="1.3"/>`).join('') + '<path d="M0 14.9h28" stroke="var(--fire-unlit)" stroke-width="1.6" stroke-dasharray="3 2"/>'
  return `<symbol id="fires-${state}" viewBox="0 0 28 16.5">${drawing}</symbol>`
}).join('')
