// Shows answers as tables: what things are called, and where they lead.

/** Rows that are shown at first, and more at each press of a button. */
const SHOWN = 200;
/** Characters of a text that are shown. */
const LONGEST = 1000;

const XSD_STRING = "http://www.w3.org/2001/XMLSchema#string";
const LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Make an element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Return a number with its digits in threes. */
export const grouped = (number) => number.toLocaleString("en");

/** Return a number of things: "1 row", "2 rows". */
export const counted = (number, thing) => `${grouped(number)} ${thing}${number === 1 ? "" : "s"}`;

/** What the terms of a dataset are called, and where they lead. */
export class Names {
  constructor(base, prefixes) {
    this.base = base;
    this.prefixes = Object.entries(prefixes).sort(([, a], [, b]) => b.length - a.length);
  }

  /** Return the short name of an IRI, or the IRI itself. */
  short(iri) {
    for (const [prefix, space] of this.prefixes) {
      const local = iri.startsWith(space) ? iri.slice(space.length) : "";
      if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(local)) return `${prefix}:${local}`;
    }
    return iri.startsWith(this.base) ? `<${iri.slice(this.base.length)}>` : `<${iri}>`;
  }

  /** Return the address of the page of an IRI, or of the IRI where it may be followed; else null. */
  href(iri) {
    if (!iri.startsWith(this.base)) return /^(https?:\/\/[^/?#\\]|mailto:[^/?#\\])/i.test(iri) ? iri : null;
    const [path, fragment] = iri.slice(this.base.length).split(/#(.*)/s);
    if (!path) return "./index.html";
    const parts = path.split("/");
    if (/[?\\]/.test(path) || parts.some((part) => ["", ".", ".."].includes(decoded(part)))) return null;
    const address = parts.map((part) => encodeURIComponent(part).replace(/%25(?=[0-9A-Fa-f]{2})/g, "%")).join("/");
    if (parts[0] === "data") return `./${address}`;
    const words = /^char=\d{1,9},\d{1,9}/.exec(fragment ?? "");
    if (fragment && !words) return null;
    return `./${address}.html${words ? `#${words[0]}` : ""}`;
  }

  /** Return an element that shows a term of an answer (SPARQL 1.1 Query Results JSON, section 3.2.2). */
  term(term) {
    if (term.type === "uri") {
      const name = element("bdi", {}, cut(this.short(term.value)));
      const href = this.href(term.value);
      const made = href ? element("a", { href }, name) : element("span", {}, name);
      if (href && !href.startsWith("./")) made.rel = "noopener external";
      made.dataset.iri = term.value;
      return made;
    }
    if (term.type === "bnode") return element("span", {}, `_:${term.value}`);
    if (term.type === "triple") {
      const { subject, predicate, object } = term.value;
      const parts = [subject, predicate, object].flatMap((part) => [this.term(part), " "]);
      return element("span", {}, "<<( ", ...parts, ")>>");
    }
    const language = term["xml:lang"];
    const text = element("bdi", language ? { lang: language } : {}, cut(term.value));
    const note = language || (plain(term.datatype) ? "" : this.short(term.datatype));
    return element("span", {}, text, ...(note ? [" ", element("small", { class: "datatype" }, note)] : []));
  }
}

function plain(datatype) {
  return !datatype || datatype === XSD_STRING || datatype === LANG_STRING;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Return the beginning of a text, so many characters of it, without what cannot be shown. */
export function cut(text, longest = LONGEST) {
  const begun = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return begun.replace(CONTROLS, "\ufffd");
}

/**
 * Return a table of rows, of which the first are shown; a button shows more.
 *
 * caption: what the table holds; columns: names; rows: arrays of terms, or undefined where there is none.
 * more: called when more rows have been shown.
 */
export function table(names, caption, columns, rows, more) {
  const body = element("tbody");
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head), body);
  const frame = element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Rows" }, made);
  const button = element("button", { type: "button" });
  const show = () => {
    const next = rows.slice(body.rows.length, body.rows.length + SHOWN);
    body.append(
      ...next.map((row) => element("tr", {}, ...row.map((term) => element("td", {}, ...(term ? [names.term(term)] : []))))),
    );
    const left = rows.length - body.rows.length;
    button.hidden = !left;
    button.textContent = `Show ${grouped(Math.min(SHOWN, left))} more of ${grouped(left)}`;
  };
  button.addEventListener("click", () => {
    show();
    more();
  });
  show();
  return [frame, button];
}
