import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import subsetFont from 'subset-font'

const inRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const resolve = createRequire(import.meta.url).resolve
const pretendard = dirname(resolve('pretendard/package.json'))
const mono = dirname(resolve('@fontsource-variable/jetbrains-mono/index.css'))
const monoLatin = 'files/jetbrains-mono-latin-wght-normal.woff2'

/** The weights our styles use. */
const weights = { min: 400, max: 700 }
const latin1 = [...range(0x20, 0x7E), ...range(0xA0, 0xFF)]

/**
 * The faces that our own texts need, made from their characters: `latin.woff2`, `hangul.woff2`, `mono.woff2` and the
 * `faces.css` that declares them. The published subsets follow how often a letter comes in Korean prose; Latin is
 * strewn over seven of them, and a page was laid out again as each arrived.
 *
 * Gives their folder, under `node_modules/.cache`; it is made anew when a text brings a character that is not in it.
 */
export async function ownFaces(): Promise<string> {
  const sources = globSync(['{app,components,pages}/**/*.{vue,ts,css}', 'shared/text/**/*.ts'], { cwd: inRoot('.') })
  const own = new Set(sources.flatMap(file => [...readFileSync(inRoot(file), 'utf8')]))
  const hangul = [...own].filter(character => /\p{Script=Hangul}/u.test(character)).map(codeOf).sort((a, b) => a - b)
  const latin = [...new Set([...latin1, ...[...own].map(codeOf).filter(code => code > 0x7F && !hangul.includes(code))])].sort((a, b) => a - b)

  const { version } = JSON.parse(readFileSync(join(pretendard, 'package.json'), 'utf8')) as { version: string }
  const folder = inRoot(`node_modules/.cache/faces/${createHash('sha256').update(JSON.stringify([1, version, weights, latin, hangul])).digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder

  const whole = readFileSync(join(pretendard, 'dist/web/variable/woff2/PretendardVariable.woff2'))
  const made = `${folder}.${process.pid}`
  mkdirSync(made, { recursive: true })
  for (const [name, codes] of Object.entries({ latin, hangul })) {
    writeFileSync(join(made, `${name}.woff2`), await subsetFont(whole, String.fromCodePoint(...codes), { targetFormat: 'woff2', variationAxes: { wght: weights } }))
  }
  copyFileSync(join(mono, monoLatin), join(made, 'mono.woff2'))
  writeFileSync(join(made, 'faces.css'), [
    face('Pretendard Own', 'latin', `${weights.min} ${weights.max}`, rangesOf(latin)),
    face('Pretendard Own', 'hangul', `${weights.min} ${weights.max}`, rangesOf(hangul)),
    face('JetBrains Mono Own', 'mono', '100 800', publishedRanges()),
  ].join('\n'))
  // Two that start at once make the same.
  if (existsSync(folder)) rmSync(made, { recursive: true })
  else renameSync(made, folder)
  return folder
}

/**
 * Both families whole, for names and lines that others wrote, as static files with one stylesheet of their own: its
 * 55 KB stay out of every page's styles. Named by its content, because browsers keep it.
 */
export function wholeFaces() {
  const subsets = join(pretendard, 'dist/web/variable')
  const css = [
    readFileSync(join(subsets, 'pretendardvariable-dynamic-subset.css'), 'utf8'),
    readFileSync(join(mono, 'index.css'), 'utf8'),
  ].join('\n')
  const baseURL = `/fonts/${createHash('sha256').update(css).digest('hex').slice(0, 12)}`
  const folder = inRoot('node_modules/.cache/fonts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'fonts.css'), css)
  const maxAge = 30 * 86_400
  return {
    stylesheet: `${baseURL}/fonts.css`,
    /** For Nitro's `publicAssets`. */
    assets: [
      { dir: folder, baseURL, maxAge },
      { dir: join(subsets, 'woff2-dynamic-subset'), baseURL: `${baseURL}/woff2-dynamic-subset`, maxAge },
      { dir: join(mono, 'files'), baseURL: `${baseURL}/files`, maxAge },
    ],
  }
}

function face(family: string, file: string, weight: string, ranges: string): string {
  return `@font-face { font-family: '${family}'; font-style: normal; font-weight: ${weight}; font-display: swap; src: url('./${file}.woff2') format('woff2'); unicode-range: ${ranges}; }`
}

/** What the Latin face of JetBrains Mono holds, as its package says. */
function publishedRanges(): string {
  const css = readFileSync(join(mono, 'index.css'), 'utf8')
  return /unicode-range: *([^;]+);/.exec(css.slice(css.indexOf(monoLatin)))![1]!
}

/** As CSS writes them; sorted codes in. */
function rangesOf(codes: readonly number[]): string {
  const runs: [number, number][] = []
  for (const code of codes) {
    const last = runs.at(-1)
    if (last && code === last[1] + 1) last[1] = code
    else runs.push([code, code])
  }
  return runs.map(([from, to]) => `U+${from.toString(16)}${to > from ? `-${to.toString(16)}` : ''}`).join(',')
}

function codeOf(character: string): number {
  return character.codePointAt(0)!
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
