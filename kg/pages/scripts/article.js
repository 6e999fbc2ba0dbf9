// An article: what is pointed at in one column lights up in the other, and a click brings it into
// sight there, while what is read stays where it is. Style sheet and links do most of it without.

const beside = document.querySelector(".beside");
const says = beside.querySelector(".says");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** What elements of one span have in common: three digits among their classes. */
const digits = (element) =>
  [...element.classList].filter((name) => /^[xyz][0-9a-f]$/.test(name)).join(" ");

const marks = new Map();
const quotes = new Map();
for (const [found, kind] of [[marks, ".text mark"], [quotes, ".source"]]) {
  for (const element of beside.querySelectorAll(kind)) {
    const key = digits(element);
    if (key) found.set(key, [...(found.get(key) ?? []), element]);
  }
}

/** The spans around an element of the text, innermost first; or those that its fact rests on. */
function spans(element) {
  const fact = element.closest(".fact");
  if (fact) return [...fact.querySelectorAll(".source")].map(digits);
  const found = [];
  for (let mark = element.closest(".text mark"); mark; mark = mark.parentElement.closest("mark")) {
    found.push(mark);
  }
  return found
    .map((mark) => [digits(mark), length(mark)])
    .sort(([, one], [, other]) => one - other)
    .map(([key]) => key);
}

const length = (mark) =>
  (marks.get(digits(mark)) ?? [mark]).reduce((sum, part) => sum + part.textContent.length, 0);

// --- lighting -------------------------------------------------------------------------------

let lit = [];

function light(element) {
  for (const each of lit) each.classList.remove("lit");
  const keys = element ? spans(element) : [];
  const fact = element?.closest(".fact");
  // A fact lights its words, and words all of their facts: but a fact no other facts.
  const said = fact ? [] : keys.flatMap((key) => quotes.get(key) ?? []);
  // Of words within words, the innermost light up.
  const words = fact ? keys : keys.slice(0, 1);
  lit = [fact, ...words.flatMap((key) => marks.get(key) ?? []), ...said];
  lit = [...lit, ...said.map((quote) => quote.closest(".fact"))].filter(Boolean);
  for (const each of lit) each.classList.add("lit");
}

const focused = () => (beside.contains(document.activeElement) ? document.activeElement : null);
let pointed = null;
beside.addEventListener("pointerover", ({ target }) => {
  const now = target.closest(".fact, .text mark");
  if (now !== pointed) light((pointed = now) ?? focused());
});
beside.addEventListener("pointerleave", () => light((pointed = null) ?? focused()));
beside.addEventListener("focusin", ({ target }) => light(target));
beside.addEventListener("focusout", () => light(pointed));

// --- bringing into sight --------------------------------------------------------------------

/** How to scroll so far: smoothly, unless it would take long or nothing is to move. */
const move = (way) => (calm.matches || Math.abs(way) > 2 * innerHeight ? "instant" : "smooth");
const scrolls = () => getComputedStyle(says).overflowY === "auto";

/** Bring an element into sight. Beside the text only the facts move, if they move by themselves. */
function bring(element) {
  if (!says.contains(element) || !scrolls()) {
    const way = element.getBoundingClientRect().top;
    element.scrollIntoView({ block: "nearest", behavior: move(way) });
    return;
  }
  const column = says.getBoundingClientRect();
  const place = element.getBoundingClientRect();
  const fact = element.closest(".fact")?.getBoundingClientRect() ?? place;
  const top = Math.max(column.top, 0);
  const room = Math.min(column.bottom, innerHeight) - top;
  // The whole fact if there is room for it down to these words, else the words.
  const from = place.bottom - fact.top < room ? fact.top : place.top;
  says.scrollTo({ top: says.scrollTop + from - top, behavior: move(from - top) });
  if (room < 150) says.scrollIntoView({ block: "nearest", behavior: "instant" });
}

const identified = (href) => document.getElementById(decodeURIComponent(href.slice(1)));

const stay = (y) => scrollTo({ top: y, behavior: "instant" });

/** Go to an element: an entry of the history, as if its link had been followed. */
function go(element, link) {
  const [y, inner] = [scrollY, says.scrollTop];
  // What was read is where Back comes to, and the link is where the keyboard goes on.
  history.replaceState({ y, from: [...beside.querySelectorAll("a")].indexOf(link) }, "");
  location.hash = element.id;
  history.replaceState({ y }, "");
  says.scrollTop = inner;
  stay(y);
  bring(element);
  element.focus({ preventScroll: true });
}

beside.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const other = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const target = link && !other && identified(link.hash);
  if (!target) return;
  event.preventDefault();
  // The same words again: on to the next of all facts that they are behind.
  const ring = link.closest(".text") ? spans(link).flatMap((key) => quotes.get(key) ?? []) : [];
  const at = ring.indexOf(identified(location.hash));
  go(at < 0 ? target : ring[(at + 1) % ring.length], link);
});

// --- arriving -------------------------------------------------------------------------------

/** Tell which words, and what is said by them, an address means. */
function tell() {
  for (const each of beside.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
  const target = identified(location.hash);
  if (!target || !beside.contains(target)) return;
  const key = digits(target);
  const same = key ? [...(marks.get(key) ?? []), ...(quotes.get(key) ?? [])] : [];
  for (const each of [target, ...same]) each.setAttribute("aria-current", "true");
}

/** Select code points of the text, where no mark has just them, and bring them into sight. */
function find(start, end) {
  const range = document.createRange();
  let found = false;
  for (const text of beside.querySelectorAll(".text")) {
    const first = Number(text.dataset.start);
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let at = first, node; (node = walker.nextNode()); ) {
      const size = points(node.data);
      const [from, to] = [Math.max(start - at, 0), Math.min(end - at, size)];
      if (from <= to && from <= size && (!found || to > 0)) {
        if (!found) range.setStart(node, units(node.data, from));
        range.setEnd(node, units(node.data, Math.max(from, to)));
        found = true;
      }
      at += size;
    }
  }
  if (!found) return;
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const place = range.getBoundingClientRect();
  scrollTo({ top: scrollY + place.top - innerHeight * 0.3, behavior: "instant" });
}

const points = (text) => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g) ?? []).length;

/** The UTF-16 offset of a code point. */
function units(text, offset) {
  let at = 0;
  while (offset-- > 0) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

function arrive() {
  tell();
  const target = identified(location.hash);
  if (target && says.contains(target)) bring(target);
  // Words that are come to from elsewhere have what is said by them beside them.
  const [quote] = (target && quotes.get(digits(target))) ?? [];
  if (quote && scrolls() && !says.contains(target)) bring(quote);
  // RFC 5147, but for its checks of integrity: char=START,END, or either, or one position.
  const [, start, comma, end] = location.hash.match(/^#char=(\d*)(,?)(\d*)/) ?? [];
  if (!target && (start || end)) {
    find(Number(start || 0), comma ? Number(end || Infinity) : Number(start));
  }
}

addEventListener("hashchange", tell);
addEventListener("popstate", ({ state }) => {
  arrive();
  if (state?.y === undefined) return;
  // Where the browser kept no place, it goes to what the address names.
  stay(state.y);
  requestAnimationFrame(() => stay(state.y));
  beside.querySelectorAll("a")[state.from]?.focus({ preventScroll: true });
});
arrive();
