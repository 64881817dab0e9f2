/**
 * Korean particles follow the sound a word ends in: 이/가, 을/를, 은/는, 과/와, 으로/로.
 * Latin words and figures are judged by how they are read aloud.
 */
export function particle(word: string, withFinal: string, withoutFinal: string): string {
  const final = finalSound(word)
  // After ㄹ the directional particle loses its 으: 서울로, 7로.
  if (withFinal === '으로') return final === 'other' ? '으로' : '로'
  return final === 'none' ? withoutFinal : withFinal
}

function finalSound(word: string): 'none' | 'rieul' | 'other' {
  const last = word.replace(/[^\p{L}\p{N}%]+$/u, '').at(-1) ?? ''
  const hangul = last.charCodeAt(0) - 0xAC00
  if (hangul >= 0 && hangul <= 11_171) {
    const final = hangul % 28
    return final === 0 ? 'none' : final === 8 ? 'rieul' : 'other'
  }
  if (/[178lL]/.test(last)) return 'rieul'
  if (/[036mnMN]/.test(last)) return 'other'
  // "-ing", "-ck", "-p", "-out": read with a final consonant only where Korean writes one.
  return /(?:ng|ck|[aeiou][pbkgc]|out)$/i.test(word) ? 'other' : 'none'
}
