/** What we call of it; it brings no types. */
declare module 'subset-font' {
  interface SubsetOptions {
    targetFormat?: 'sfnt' | 'woff' | 'woff2' | 'truetype'
    /** By axis: one value, or a part of its range. */
    variationAxes?: Record<string, number | { min?: number, max?: number, default?: number }>
  }
  /** Of a font, what is needed for the characters of a text. */
  export default function subsetFont(font: Buffer, text: string, options?: SubsetOptions): Promise<Buffer>
}
