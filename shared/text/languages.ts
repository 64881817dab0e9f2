export const languages = ['ko', 'en'] as const
export type Language = (typeof languages)[number]
export const defaultLanguage: Language = 'ko'

/** The best of our languages for an Accept-Language header. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '').split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const quality = parameters.map(p => /^\s*q=([\d.]+)/.exec(p)?.[1]).find(q => q !== undefined)
      return { language: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality) }
    })
    .sort((a, b) => b.quality - a.quality)
  return languages.find(language => language === wanted.find(({ language: l }) => languages.includes(l as Language))?.language) ?? defaultLanguage
}
