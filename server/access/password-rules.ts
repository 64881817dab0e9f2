import { AppError } from '#shared/errors'
import { commonPasswords } from './common-passwords'

/**
 * Length and what attackers try first; no rules of composition. Length itself is the schema's. The password is judged
 * and kept as typed.
 */
export function refuseWeakPassword(password: string, person: { name: string, email: string }): void {
  const plain = password.toLowerCase()
  if (commonPasswords.has(plain) || isPattern(plain) || containsOneOf(plain, ownWords(person))) throw new AppError('access.weak_password')
}

/** Fewer than five different characters, one short piece again and again, or a run of neighbours. */
function isPattern(password: string): boolean {
  const characters = [...password]
  if (new Set(characters).size < 5) return true
  if (/^(.{1,6})\1+$/su.test(password)) return true
  const codes = characters.map(character => character.codePointAt(0)!)
  const steps = codes.slice(1).map((code, i) => code - codes[i]!)
  return steps.every(step => step === steps[0])
}

/** The product's names, and every part of the person's that is long enough to mean them. */
function ownWords({ name, email }: { name: string, email: string }): string[] {
  const whole = name.replace(/\s+/g, '')
  const parts = [...name.split(/[\s.,-]+/), ...email.split('@')[0]!.split(/[._+-]+/)].filter(part => part.length >= 4)
  return ['bongsu', '봉수', ...(whole.length >= 2 ? [whole] : []), ...parts].map(word => word.toLowerCase())
}

function containsOneOf(password: string, words: string[]): boolean {
  return words.some(word => password.includes(word))
}
