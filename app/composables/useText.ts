import type { Text } from '#shared/text/text'

/** The reader's language: `text('trace.title')`, `text.sentence({ code, params })`, `text.language`, `text.zone`. */
export function useText(): Text {
  return useNuxtApp().$text
}
