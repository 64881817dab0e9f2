import { catalogues } from '#shared/text/catalogues'
import { languages } from '#shared/text/languages'
import { createText, type Sentence, type Text } from '#shared/text/text'
import { adviceOf, causeOf, isOver, nameOf, squaresOf, troubleOf, type PlainFacts } from './plain-words'

/**
 * What to tell partners, to be copied: made of the facts of this moment, in both languages whatever the reader's, in the
 * reader's zone.
 */
export function partnerTextOf(facts: PlainFacts, zone: string, { othersAreFine }: { othersAreFine: boolean }): { ko: string, en: string } {
  const written = languages.map(language => [language, write(createText(catalogues[language], { language, zone }, { now: () => facts.now }), facts, othersAreFine)] as const)
  return Object.fromEntries(written) as { ko: string, en: string }
}

/** How many requests are hit, as a whole sentence: what stands under the squares ends as a note, which no letter does. */
function shareOf(text: Text, { code, params }: Sentence): string {
  const kind = /^support\.squares\.(?!none)(\w+)$/.exec(code)?.[1]
  return kind ? text(`support.partner.share.${kind as 'fail'}`, params) : ''
}

/** As many as a reader looks through. */
const mostListed = 8

/** Which calls, where the sentence names the first of several only. */
function callsOf(text: Text, { endpoints, isEverything }: PlainFacts): string[] {
  if (endpoints.length < 2 || isEverything) return []
  const calls = endpoints.slice(0, mostListed).map(({ method, template }) => [method, template].filter(Boolean).join(' ')).join(', ')
  const more = endpoints.length - mostListed
  return [more > 0 ? text('support.partner.calls_more', { calls, count: more }) : text('support.partner.calls', { calls })]
}

function write(text: Text, facts: PlainFacts, othersAreFine: boolean): string {
  const { onset, resolvedAt, nextUpdateAt, diagnosis, endpoints } = facts
  const repeat = adviceOf(facts)
  const [first] = endpoints
  const route = endpoints.length === 1 && first && (first.nameKo || first.nameEn) ? ` (${[first.method, first.template].filter(Boolean).join(' ')})` : ''
  const when = { day: { day: onset.toISOString() }, from: { time: onset.toISOString() }, name: nameOf(facts), route, to: { time: (resolvedAt ?? facts.now).toISOString() } }
  if (isOver(facts)) {
    return [
      `${text('support.partner.hello')} ${text(`support.partner.past.${troubleOf(facts)}`, when)}`,
      ...callsOf(text, facts),
      [text('support.partner.solved', when), text(`support.partner.repeat_past_${repeat}`)].join(' '),
      text('support.partner.sorry'),
    ].join('\n\n')
  }
  const squares = squaresOf(facts)
  return [
    [
      `${text('support.partner.hello')} ${text(`support.partner.now.${troubleOf(facts)}`, when)}`,
      squares ? shareOf(text, squares.text) : '',
      othersAreFine ? text('support.partner.others') : '',
    ].filter(Boolean).join(' '),
    ...callsOf(text, facts),
    text(`support.partner.repeat_${repeat}`),
    [
      diagnosis?.culprit && diagnosis.confidence !== 'low' ? `${text.sentence(causeOf(facts))} ${text('support.partner.working')}` : text('support.partner.searching'),
      nextUpdateAt ? text('support.partner.next', { at: { time: nextUpdateAt.toISOString() } }) : text('support.partner.no_next'),
    ].join(' '),
  ].join('\n\n')
}
