import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(root + path, 'utf8')

/** The titles of tests, as far as their files say them: `AN-06, AN-07` and `SE-03 …` alike. */
const titles = readdirSync(`${root}tests`, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.(test|spec)\.ts$/.test(file) && !file.includes('security-lines'))
  .flatMap(file => read(`tests/${file}`).match(/\b(?:describe|it|test)(?:\.each\([\s\S]*?\]\))?\(\s*(['`"])[^\n]*/g) ?? [])
  .join('\n')

/** `AZ-05 – AZ-09` names five lines. */
function linesOf(cell: string): string[] {
  return cell.split(',').flatMap((part) => {
    const [first, last = first] = part.trim().split(' – ') as [string, string?]
    const [room, from] = first.split('-') as [string, string]
    const to = Number(last!.split('-')[1])
    return Array.from({ length: to - Number(from) + 1 }, (_, i) => `${room}-${String(Number(from) + i).padStart(2, '0')}`)
  })
}

const rows = read('docs/security.md').split('\n').filter(line => /^\| [A-Z]{2}-\d\d/.test(line)).map((line) => {
  const [, cell, , state] = line.split('|').map(part => part.trim()) as [string, string, string, string]
  return { lines: linesOf(cell), state }
})
const held = rows.filter(({ state }) => state.startsWith('held') && !state.startsWith('held by construction')).flatMap(({ lines }) => lines)

describe('the lines of docs/security.md', () => {
  it('are read', () => {
    expect(held.length).toBeGreaterThan(40)
    expect(held).toEqual(expect.arrayContaining(['AN-01', 'AZ-07', 'SC-02']))
    expect(new Set(rows.flatMap(({ lines }) => lines)).size).toBe(rows.flatMap(({ lines }) => lines).length)
  })

  it('say of themselves whether they are held, partly, or not yet', () => {
    expect(rows.filter(({ state }) => !/^(held|partly|later|does not apply)\b/.test(state))).toEqual([])
  })

  it.each(held)('%s is held, and a test carries its number', (line) => {
    expect(titles).toMatch(new RegExp(`\\b${line}\\b`))
  })

  it('name benches that exist', () => {
    const named = [...read('docs/security.md').matchAll(/npm run bench -- ([\w-]+)/g)].map(match => match[1]!)
    const benches = readdirSync(`${root}tests/bench`).map(file => file.replace('.ts', ''))
    expect(named.filter(name => !benches.includes(name))).toEqual([])
  })
})
