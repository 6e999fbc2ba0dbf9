// Looks things up in the index that lies in search/ (docs/search.md): a file or two at a time.

import { begins, fold, words } from "./search-words.js";

const KEY = 24; // characters by which files are found; kg/search/rows.py
const MOST = 8; // words of a query that are looked up
const LONGEST = 200; // characters of a query

// The texts that code points, rather than UTF-16 units, put in order.
function compare(one, other) {
  const [a, b] = [[...one], [...other]];
  for (let at = 0; at < a.length && at < b.length; at++) {
    if (a[at] !== b[at]) return a[at].codePointAt(0) - b[at].codePointAt(0);
  }
  return a.length - b.length;
}

// The name of the file that has what a word finds, given where volumes begin.
export function file(volumes, word) {
  const key = [...word].slice(0, KEY).join("");
  const spread = volumes.some((begin) => begin.length > key.length && begin.startsWith(key));
  const begin = spread ? key : volumes.findLast((each) => compare(each, key) <= 0);
  const codes = [...begin].map((letter) => `-${letter.codePointAt(0).toString(16)}`).join("");
  return `${spread ? "best" : "from"}${codes}.json`;
}

// How well a row fits, 0 being best; null where it does not.
function rank(row, typed) {
  if (!typed.every((word) => begins(row.all, word))) return null;
  if (row.kind === "text") return 4;
  const phrase = typed.join(" ");
  if (row.called === phrase) return 0;
  if (row.called.startsWith(phrase)) return 1;
  return typed.every((word) => begins(row.own, word)) ? 2 : 3;
}

function rows({ types, name, alias, text }) {
  const read = (kind) => ([called, type, href, more = ""]) => {
    const names = words(fold(called));
    const others = words(fold(more));
    const own = kind === "alias" ? others : names;
    const all = kind === "name" ? names : [...names, ...others];
    return { kind, name: called, type: types[type], href, more, own, all, called: own.join(" ") };
  };
  return [...name.map(read("name")), ...alias.map(read("alias")), ...text.map(read("text"))];
}

export class Index {
  // `read` returns the content of a file of the index, parsed.
  constructor(read) {
    this.read = read;
    this.files = new Map();
  }

  async file(name) {
    if (!this.files.has(name)) {
      const held = name === "volumes.json" ? this.read(name) : this.read(name).then((data) => ({ cut: data.cut, rows: rows(data) }));
      this.files.set(name, held);
      held.catch(() => this.files.delete(name)); // the next one tries again
    }
    return this.files.get(name);
  }

  // Finds what has all words of a query: {hits, more, typed}, the best hit of each address.
  async find(query) {
    const typed = [...new Set(words(fold([...query].slice(0, LONGEST).join(""))))].slice(0, MOST);
    if (!typed.length) return { typed, hits: [], more: false };
    const volumes = await this.file("volumes.json");
    const names = [...new Set(typed.map((word) => file(volumes, word)))];
    const files = new Map();
    await Promise.all(names.map(async (name) => files.set(name, await this.file(name))));
    const found = [];
    for (const { rows } of files.values()) {
      for (const row of rows) {
        const rank_ = rank(row, typed);
        if (rank_ !== null) found.push({ ...row, rank: rank_, length: [...row.called].length });
      }
    }
    found.sort(
      (a, b) =>
        a.rank - b.rank || a.length - b.length || compare(a.called, b.called) ||
        compare(a.href, b.href) || compare(a.more, b.more),
    );
    const hits = new Map();
    for (const row of found) if (!hits.has(row.href)) hits.set(row.href, row);
    // One file that has all that its word finds has all that is sought.
    const whole = typed.some((word) => {
      const key = [...word].slice(0, KEY).join("");
      return !files.get(file(volumes, word)).cut.some((cut) => cut.startsWith(key));
    });
    return { typed, hits: [...hits.values()], more: !whole };
  }
}
