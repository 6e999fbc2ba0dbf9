// The editor of queries: CodeMirror with what SPARQL needs of it.
//
// It lives in a shadow root, for only there CodeMirror styles itself without a <style> element,
// which our Content-Security-Policy forbids. Tab is left alone, so that it leaves the editor.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.standard(tags.variableName), color: "var(--code-keyword)" },
  { tag: tags.local(tags.variableName), color: "var(--code-variable)" },
  { tag: tags.atom, color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.comment, tags.meta], color: "var(--soft)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: ".875rem", maxHeight: "32rem" },
  "&.cm-focused": { outline: "none" }, // the page rings it, which knows of the focus within
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.55" },
  ".cm-content, .cm-gutter": { minHeight: "14rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: ".6rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--panel)", borderRight: "1px solid var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--mark)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)" },
  ".cm-lintRange-error": { backgroundColor: "var(--mark)" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--panel)", border: "1px solid var(--line)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--paper)",
    backgroundColor: "var(--link)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { maxWidth: "min(40rem, 92vw)", fontFamily: "inherit" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: ".8" },
  ".cm-completionInfo": { maxWidth: "min(22rem, 60vw)", fontSize: ".8rem" },
});

/**
 * Write over what is selected. Left to itself a browser keeps the look of what was there in a style
 * attribute, which our Content-Security-Policy forbids.
 */
function beforeinput(event, view) {
  const { from, to, empty } = view.state.selection.main;
  const text = event.data;
  if (event.inputType !== "insertText" || empty || text === null || view.composing) return false;
  event.preventDefault();
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  const handled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert));
  if (!handled) view.dispatch(insert());
  return true;
}

/**
 * Put an editor into an element.
 *
 * complete: a source of completions, as CodeMirror has them; run: called at Ctrl-Enter or
 * Cmd-Enter; changed: called when the text has changed.
 */
export function edit(element, { text, label, complete, run, changed }) {
  const root = element.attachShadow({ mode: "open" });
  const extensions = [
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    EditorView.domEventHandlers({ beforeinput }),
    StreamLanguage.define(sparql),
    syntaxHighlighting(colours),
    autocompletion({ override: [complete], icons: false }),
    Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => update.docChanged && changed()),
    theme,
  ];
  const view = new EditorView({ state: EditorState.create({ doc: text, extensions }), parent: root, root });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(insert) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } });
    },
    focus: () => view.focus(),
    /** Mark what is wrong at a line and column, counted from 1 in code points; null for nothing. */
    mark(problem) {
      const found = [];
      if (problem) {
        const line = view.state.doc.line(Math.min(Math.max(problem.line, 1), view.state.doc.lines));
        const before = [...line.text].slice(0, problem.column - 1).join("").length;
        const from = Math.min(line.from + before, line.to);
        // At the end of a line the last sign is marked: a mark of no width is hard to see.
        const start = from === line.to ? Math.max(line.from, from - 1) : from;
        const word = /^[\w:]+/.exec(view.state.doc.sliceString(start, line.to));
        found.push({
          from: start,
          to: Math.min(start + (word ? word[0].length : 1), line.to),
          severity: "error",
          message: problem.message,
        });
        view.dispatch({ effects: EditorView.scrollIntoView(start, { y: "nearest" }) });
      }
      view.dispatch(setDiagnostics(view.state, found));
    },
  };
}
