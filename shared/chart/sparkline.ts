import { packedTop } from './packed-trend'

/** A small line of a figure's course: paths a step wide a value and `packedTop` high, for a drawing that is stretched. */
export interface Sparkline {
  /** Up to the onset, and after it. */
  calm: string
  hot: string
  /** The field below the hot part. */
  area: string
}

/** Of a course as `packTrend` wrote it; a hole stays a hole at its place. A board has dozens: whole numbers only. */
export function sparkline(packed: string, onset: number | null = null): Sparkline {
  const turn = onset ?? packed.length
  return {
    calm: line(packed, 0, turn),
    // Begins one step earlier, so that the line is not torn at the onset.
    hot: turn < packed.length ? line(packed, Math.max(0, turn - 1), packed.length) : '',
    area: field(packed, turn),
  }
}

const hole = -1

/** Distance from the top at a step. */
function depthAt(packed: string, step: number): number {
  const letter = packed.charCodeAt(step)
  return letter === 45 ? hole : packedTop - (letter < 58 ? letter - 48 : letter - 87)
}

/** What stands alone is a dash of one step; steps that go on straight are one. */
function line(packed: string, from: number, to: number): string {
  let path = ''
  let last = hole
  let straight = 0
  let fall = 0
  const draw = () => {
    // A minus divides as well as a space does.
    if (straight) path += `${path.endsWith('l') ? '' : ' '}${straight}${fall < 0 ? '' : ' '}${fall * straight}`
    straight = 0
  }
  for (let step = from; step < to; step++) {
    const depth = depthAt(packed, step)
    if (depth === hole || last === hole) {
      draw()
      const alone = step + 1 >= to || packed.charCodeAt(step + 1) === 45
      if (depth !== hole) path += `M${step} ${depth}${alone ? 'h1' : 'l'}`
    }
    else {
      if (depth - last !== fall) draw()
      fall = depth - last
      straight++
    }
    last = depth
  }
  draw()
  return path
}

function field(packed: string, from: number): string {
  let path = ''
  let open = false
  for (let step = from; step < packed.length; step++) {
    const depth = depthAt(packed, step)
    if (depth === hole) {
      if (open) path += `V${packedTop}z`
      open = false
    }
    else {
      path += open ? `L${step} ${depth}` : `M${step} ${packedTop}V${depth}`
      open = true
    }
  }
  return open ? `${path}V${packedTop}z` : path
}
