/** A message, or its plural forms chosen by the parameter `count` (Korean needs only `other`). */
export type Message = string | { one?: string, other: string }
export interface Messages { readonly [key: string]: Message | Messages }

type Node<T> = T extends string ? string : T extends { other: string } ? Message : { [K in keyof T]: Node<T[K]> }
/** The shape a translation must have: the same keys, free wording, plural forms where English has them. */
export type Translation<T> = Node<T>

type Paths<T, P extends string> = {
  [K in keyof T & string]: T[K] extends string | { other: string } ? `${P}${K}` : Paths<T[K], `${P}${K}.`>
}[keyof T & string]
/** Dotted keys of a catalogue. */
export type KeyOf<T> = Paths<T, ''>
