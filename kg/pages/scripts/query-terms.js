// What the editor offers while a query is written: words of SPARQL, variables, and names of the dataset.
import { tokens } from "./query-text.js";

const WORDS = (
  "SELECT DISTINCT REDUCED CONSTRUCT DESCRIBE ASK WHERE FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES AS " +
  "GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET PREFIX BASE EXISTS NOT IN UNDEF COUNT SUM MIN MAX AVG SAMPLE " +
  "GROUP_CONCAT SEPARATOR STR LANG LANGMATCHES DATATYPE BOUND IRI IF COALESCE REGEX CONTAINS STRSTARTS STRENDS " +
  "STRLEN SUBSTR UCASE LCASE CONCAT REPLACE ABS ROUND CEIL FLOOR YEAR MONTH DAY NOW ISIRI ISLITERAL ISBLANK ISNUMERIC"
).split(" ");
const MOST = 60;

/**
 * Return a source of completions, as CodeMirror has them.
 *
 * fetchTerms: returns the terms, once they are wanted; prefixes: those that need no declaration.
 */
export function completions(fetchTerms, prefixes) {
  let terms;
  return async (context) => {
    const before = context.matchBefore(/[?$]?[\p{L}\p{N}_:-]*/u);
    if (!before.text && !context.explicit) return null;
    const [inside] = around(context.state.doc.toString(), before.from);
    if (inside) return null;
    const wanted = before.text;
    if (WORDS.includes(wanted.toUpperCase())) return null;
    if (/^[?$]/.test(wanted)) {
      const names = new Set(variables(context.state.doc.toString(), before.from));
      const options = [...names].filter((name) => name.startsWith(wanted)).map((label) => ({ label }));
      return options.length ? { from: before.from, options, filter: false } : null;
    }
    terms ??= fetchTerms();
    const [byName, byLabel] = named(await terms, wanted);
    const options = [...byName, ...declared(prefixes, wanted), ...words(wanted), ...byLabel];
    return options.length ? { from: before.from, options: options.slice(0, MOST), filter: false } : null;
  };
}

/** Return whether a place is within a comment, a string or an IRI. */
function around(text, at) {
  let last = 0;
  for (const { kind, start, end } of tokens(text)) {
    if (start >= at) break;
    if (end > at) return [kind === "string" || kind === "iri"];
    last = end;
  }
  return [text.slice(last, at).split(/[\r\n]/).at(-1).includes("#")];
}

function* variables(text, but) {
  for (const { kind, text: name, start } of tokens(text)) if (kind === "variable" && start !== but) yield name;
}

/** Return the terms whose names, or their local parts, begin so; and those with such a word in their label. */
function named(terms, wanted) {
  const lower = wanted.toLowerCase();
  const colon = lower.indexOf(":") + 1;
  const found = [[], [], []];
  for (const [name, kind, label, note] of terms) {
    const called = name.toLowerCase();
    let rank = 2;
    if (called.startsWith(lower)) rank = 0;
    else if (!colon && called.includes(`:${lower}`)) rank = 1;
    else if (!called.startsWith(lower.slice(0, colon))) continue;
    else if (!` ${label.toLowerCase()}`.includes(` ${lower.slice(colon)}`)) continue;
    const detail = kind === "thing" ? `${label} · ${note}` : kind;
    found[rank].push({ label: name, detail, info: kind === "thing" ? undefined : note || undefined });
  }
  return [[...found[0], ...found[1]], found[2]];
}

function declared(prefixes, wanted) {
  const found = Object.entries(prefixes).filter(([prefix]) => wanted && prefix.startsWith(wanted));
  return found.map(([prefix, iri]) => ({ label: `${prefix}:`, detail: iri }));
}

function words(wanted) {
  const upper = wanted.toUpperCase();
  const found = WORDS.filter((word) => wanted && word.startsWith(upper));
  return found.map((label) => ({ label, detail: "SPARQL" }));
}
