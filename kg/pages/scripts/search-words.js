// Texts as search compares them, and their words: what kg/search/folding.py does, in browsers.

export const ACCENTS =
  "\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a" +
  "\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u1ab0-\\u1aff" +
  "\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f";

export const UNSEEN =
  "\\u00ad\\u034f\\u061c\\u0640\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e" +
  "\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\u{e0000}-\\u{e0fff}";

export const UNSPACED =
  "\\u0e01-\\u0e3a\\u0e40-\\u0e4e\\u0e81-\\u0ebd\\u0ec0-\\u0ece\\u0edc-\\u0edf\\u1000-\\u103f\\u1050-\\u108f" +
  "\\u1780-\\u17d3\\u17dc\\u17dd\\u2e80-\\u2fdf\\u3005-\\u3007\\u3021-\\u3029\\u3031-\\u3035\\u3038-\\u303c" +
  "\\u3041-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u3105-\\u312f\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf" +
  "\\u4e00-\\u9fff\\ua000-\\ua48c\\uf900-\\ufaff\\u{1aff0}-\\u{1b16f}\\u{20000}-\\u{3ffff}";

const DROPPED = new RegExp(`[${ACCENTS}${UNSEEN}]+`, "gu");
const FIRST = new RegExp(`^[${UNSPACED}]`, "u");
const WORD = new RegExp(
  `[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+|[\\p{Sc}\\p{Sm}\\p{So}]`,
  "gu",
);

// A letter with its marks: decomposition reorders marks, but never across letters.
const CLUSTER = /\P{M}?\p{M}*/gu;

export function fold(text) {
  const bare = text.normalize("NFKD").replace(DROPPED, "");
  return bare.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

export function words(folded) {
  return folded.match(WORD) ?? [];
}

// Whether one of some words begins with what was typed; of scripts without spaces: has it.
export function begins(some, typed) {
  return some.some((word) => (FIRST.test(word) ? word.includes(typed) : word.startsWith(typed)));
}

// Cuts a text into pieces [text, whether it is what was typed], by the words that were.
export function marked(text, typed) {
  const clusters = text.match(CLUSTER).filter(Boolean);
  const owner = []; // by code unit of the folded text, the number of the cluster that it is of
  let folded = "";
  clusters.forEach((cluster, number) => {
    const part = fold(cluster);
    folded += part;
    for (let unit = 0; unit < part.length; unit++) owner.push(number);
  });
  const hit = new Set();
  for (const { 0: word, index } of folded.matchAll(WORD)) {
    for (const each of typed) {
      let at = FIRST.test(word) ? word.indexOf(each) : word.startsWith(each) ? 0 : -1;
      while (at >= 0) {
        for (let unit = at; unit < at + each.length; unit++) hit.add(owner[index + unit]);
        at = FIRST.test(word) ? word.indexOf(each, at + 1) : -1;
      }
    }
  }
  const pieces = [];
  clusters.forEach((cluster, number) => {
    const last = pieces.at(-1);
    if (last && last[1] === hit.has(number)) last[0] += cluster;
    else pieces.push([cluster, hit.has(number)]);
  });
  return pieces;
}
