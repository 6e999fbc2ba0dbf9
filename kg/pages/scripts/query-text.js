// What can be told of a query by reading it (SPARQL 1.1, section 19.8), and of why it has no answer.

const NAME = String.raw`[\p{L}\p{N}_.\-\u00b7]*`;
const TOKEN = new RegExp(
  String.raw`(?<space>\s+|#[^\n\r]*)` +
    String.raw`|(?<string>"""(?:\\.|[^\\])*?"""|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n\r])*"?|'(?:\\.|[^'\\\n\r])*'?)` +
    String.raw`|(?<iri><[^<>"{}|^` +
    "`" +
    String.raw`\\\s]*>)|(?<variable>[?$][\p{L}\p{N}_]+)` +
    String.raw`|(?<name>(?:\p{L}${NAME})?:(?:[\p{L}\p{N}_:.\-%]|\\.)*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>.)`,
  "gsu",
);

const FORMS = ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"];

/** Yield the tokens of a query, without white space and comments; words in capitals. */
export function* tokens(text) {
  for (const match of text.matchAll(TOKEN)) {
    const [kind, found] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    if (kind !== "space") {
      const said = kind === "word" ? found.toUpperCase() : found;
      yield { kind, text: said, start: match.index, end: match.index + found.length };
    }
  }
}

/** Return SELECT, ASK, CONSTRUCT or DESCRIBE; undefined for what is no query. */
export function form(text) {
  for (const token of tokens(text)) {
    if (token.kind === "word" && FORMS.includes(token.text)) return token.text;
  }
  return undefined;
}

/** Return declarations, in one line, of those known prefixes that a query may use. */
export function declarations(text, prefixes) {
  const used = Object.entries(prefixes).filter(
    // An escape may stand for any letter of a name.
    ([prefix]) => text.includes(`${prefix}:`) || text.includes("\\u") || text.includes("\\U"),
  );
  return used.map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}> `).join("");
}

/** Return a SELECT * with its columns named in the order in which it mentions them; null for others. */
export function withColumns(text, names) {
  const found = [...tokens(text)];
  const select = found.findIndex(({ kind, text }) => kind === "word" && text === "SELECT");
  const distinct = ["DISTINCT", "REDUCED"].includes(found[select + 1]?.text) ? 1 : 0;
  const star = found[select + 1 + distinct];
  if (select < 0 || star?.text !== "*" || !names.length) return null;
  const order = found.filter(({ kind }) => kind === "variable").map(({ text }) => text.slice(1));
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  const columns = [...names].sort((a, b) => place(a) - place(b)).map((name) => `?${name}`);
  return `${text.slice(0, star.start)}${columns.join(" ")} ${text.slice(star.end)}`;
}

/** Why a query has no answer; line and column are counted from 1 where they are known. */
export class Problem extends Error {
  constructor(message, line = 0, column = 0) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Return what the engine says of a query that had so many characters put before its first line. */
export function problem(message, before) {
  const reason = message.replace(/\s+/g, " ");
  const at = /^error at (\d+):(\d+): /.exec(reason);
  if (!at) return new Problem(reason);
  const line = Number(at[1]);
  const column = Math.max(1, Number(at[2]) - (line === 1 ? before : 0));
  if (reason.includes("Prefix not found")) {
    return new Problem("the prefix here is not known; declare it by PREFIX", line, column);
  }
  const said = reason.slice(at[0].length).split(", ").find((part) => /^[A-Z]\w* \w/.test(part));
  if (said) {
    return new Problem(`${said.replace("The ", "the ")}; mend the query, here or before`, line, column);
  }
  // What else the parser expected is a list of signs, or a guess that leads astray.
  return new Problem("the syntax is broken here, or just before; mend the query", line, column);
}
