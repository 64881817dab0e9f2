import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintKeymap } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { drawSelection, EditorView, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { PromQLExtension, type PrometheusClient } from '@prometheus-io/codemirror-promql'

export interface EditorOptions {
  parent: HTMLElement
  text: string
  /** What completes it. */
  client: PrometheusClient
  nonce: string
  label: string
  placeholder: string
  onChange: (text: string) => void
  onRun: () => void
}

/** Weight marks what is called; code has no colours of its own. */
const weights = HighlightStyle.define([
  { tag: [tags.function(tags.variableName), tags.keyword, tags.operatorKeyword, tags.modifier], fontWeight: '600', color: 'var(--ui-text-highlighted)' },
  { tag: [tags.string, tags.number], fontWeight: '500', color: 'var(--ui-text-highlighted)' },
  { tag: tags.comment, fontStyle: 'italic', color: 'var(--ui-text-muted)' },
  { tag: tags.invalid, color: 'var(--ui-error)' },
])

const theme = EditorView.theme({
  '&': { minHeight: '132px', backgroundColor: 'var(--ui-bg)', color: 'var(--ui-text-toned)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--ui-text-highlighted)' },
  '.cm-cursor': { borderLeftColor: 'var(--ui-text-highlighted)' },
  '.cm-gutters': { backgroundColor: 'var(--ui-bg)', color: 'var(--ui-text-muted)', borderRight: '1px solid var(--ui-border)' },
  '.cm-placeholder': { color: 'var(--ui-text-muted)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in oklab, var(--ui-primary) 22%, transparent)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--ui-bg-accented)', color: 'inherit' },
  '.cm-tooltip': { backgroundColor: 'var(--ui-bg)', color: 'var(--ui-text)', border: '1px solid var(--ui-border-accented)', borderRadius: '6px', overflow: 'hidden', boxShadow: '0 8px 24px rgb(0 0 0 / 14%)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: '12px', maxHeight: '15em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', display: 'flex', gap: '16px', justifyContent: 'space-between' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--ui-bg-elevated)', color: 'var(--ui-text-highlighted)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--ui-primary)' },
  '.cm-completionDetail': { color: 'var(--ui-text-muted)', fontStyle: 'normal', fontFamily: 'var(--font-sans)' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '320px', fontSize: '12px' },
  '.cm-diagnostic': { borderLeft: 'none', padding: '6px 10px', fontSize: '12px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--ui-error)', textUnderlineOffset: '3px' },
})

/** The editor of the Prometheus project's own library, in the place of a plain text area. */
export function createPromqlEditor({ parent, text, client, nonce, label, placeholder: hint, onChange, onRun }: EditorOptions) {
  const promql = new PromQLExtension().setComplete({ remote: client }).activateLinter(true)
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        // The policy takes no style element without it.
        EditorView.cspNonce.of(nonce),
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => { onRun(); return true } }, { key: 'Tab', run: acceptCompletion }])),
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), EditorView.lineWrapping,
        autocompletion({ icons: false, maxRenderedOptions: 60 }),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label, 'spellcheck': 'false', 'autocorrect': 'off', 'autocapitalize': 'off' }),
        placeholder(hint), syntaxHighlighting(weights), theme, promql.asExtension(),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    get text() { return view.state.doc.toString() },
    set text(next: string) { if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }) },
    focus: () => view.focus(),
    destroy() {
      promql.destroy()
      view.destroy()
    },
  }
}

export type PromqlEditor = ReturnType<typeof createPromqlEditor>
