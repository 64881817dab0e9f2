import { describe, expect, it } from 'vitest'
import { BadAnswer } from '#server/telemetry/zipkin/bad-answer'
import { createSpanSplitter } from '#server/telemetry/zipkin/span-splitter'

/** Pushes the text in pieces of the given size; what came of it, traces apart. */
function split(text: string, size: number, lists: 1 | 2 = 1) {
  const traces: unknown[][] = [[]]
  let tooLarge = 0
  const splitter = createSpanSplitter(lists, {
    span: json => void traces.at(-1)!.push(JSON.parse(json.toString())),
    tooLarge: () => void tooLarge++,
    traceEnd: () => void traces.push([]),
  })
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) splitter.push(bytes.subarray(i, i + size))
  splitter.end()
  return { traces: lists === 2 ? traces.slice(0, -1) : traces, tooLarge }
}

const hostile = [
  { id: 'a', tags: { quote: 'say "hi"', slash: 'C:\\', both: '\\"', many: '\\\\\\"', brackets: '[{]}', end: '\\\\' } },
  { id: 'b', tags: { 'json': '{"a":[1,{"b":"\\""}]}', '키': '값 🔥', '\\': '"' } },
  { id: 'c', annotations: [{ timestamp: 1, value: 'exception|{"x":"}]"}|0' }], nested: { a: { b: [{}] } } },
  {},
]

describe('cutting a list into spans', () => {
  it.each([1, 2, 3, 5, 7, 16, 61, 10_000])('gives the same wherever pieces of %d bytes cut it', (size) => {
    expect(split(JSON.stringify(hostile), size).traces).toEqual([hostile])
    expect(split(JSON.stringify(hostile, undefined, 2), size).traces).toEqual([hostile])
    expect(split(` ${JSON.stringify([hostile, [], hostile.slice(0, 1)])}\n`, size, 2).traces).toEqual([hostile, [], hostile.slice(0, 1)])
  })

  it.each(['[]', ' [ ] '])('takes %j for a list of none', (text) => {
    expect(split(text, 1).traces).toEqual([[]])
  })

  it.each(['', '{}', '[[{}]]', '[{}', '[{"a":"', '["a"]', '[1]', 'null', '[{}]]', '[}', '[{}][{}]', '<html>', '{"error":"x"}', '[{}]x'])('refuses %j', (text) => {
    expect(() => split(text, 1)).toThrow(BadAnswer)
    expect(() => split(text, 100)).toThrow(BadAnswer)
  })

  it('passes over a span larger than any is, and holds none of it', () => {
    const large = JSON.stringify([{ id: 'a' }, { id: 'b', tags: { x: 'y'.repeat(9 * 1024 * 1024) } }, { id: 'c' }])
    expect(split(large, 65_536)).toEqual({ traces: [[{ id: 'a' }, { id: 'c' }]], tooLarge: 1 })
  })
})
