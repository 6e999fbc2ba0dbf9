// The page on which people ask: what is in its editor, who answers it, and how long that takes.
import { edit } from "./editor.js";
import { Answer, SHOWN } from "./query-answer.js";
import { Browser, Endpoint } from "./query-engine.js";
import { Names } from "./query-show.js";
import { completions } from "./query-terms.js";
import { Problem } from "./query-text.js";

const SERVICE = "http://www.w3.org/ns/sparql-service-description#endpoint";
/** Bytes of which we ask first whether they are really to be downloaded. */
const MUCH = 200e6;
/** Characters of a query that the address of the page may hold. */
const LONGEST = 4000;

const form = document.querySelector("form.query");
const one = (selector, within = form) => within.querySelector(selector);
const [area, go, cancel, progress, cost, status] = ["textarea", ".go", ".cancel", "progress", ".cost", ".status"].map(
  (selector) => one(selector),
);
const label = one("label[for=query]");
const saved = document.querySelector(".saved");
const prefixes = Object.fromEntries(
  [...document.querySelectorAll(".prefixes > div")].map((row) => [
    one("dt", row).textContent.replace(/:$/, ""),
    one("dd", row).textContent,
  ]),
);
const { base, terms, texts, engine, bytes } = form.dataset;

const megabytes = (count) => `${(count / 1e6).toFixed(1)} MB`;

function tell(text, failed = false) {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("failed", failed);
}

// Who answers: whoever serves this page says so in its header, mere files have none.
async function asked() {
  const response = await fetch(location.href, { method: "HEAD", headers: { Accept: "text/html" } });
  await response.text(); // it is empty; left unread, it would count as one that failed
  if (response.headers.get("Link")?.includes(`rel="${SERVICE}"`)) return new Endpoint(form.action);
  const files = [...document.querySelectorAll(".files a")];
  return new Browser({
    engine: { url: engine, bytes: Number(bytes) },
    files: files.map((a) => ({ name: a.textContent, url: a.href, bytes: Number(a.dataset.bytes) })),
    base,
    prefixes,
    told(stage, done, had) {
      const downloading = stage === "downloading";
      cost.textContent = downloading ? `Downloading: ${megabytes(had)} of ${megabytes(source.cost)} …` : "";
      if (!downloading) tell(stage === "reading" ? "Reading what was downloaded …" : "Answering …");
      if (done === undefined) progress.removeAttribute("value");
      else progress.value = done;
    },
  });
}

// Until it is known who answers, the page is as it is without a script.
const source = await asked();
const answer = new Answer(document.querySelector(".answer"), { source, names: new Names(base, prefixes), save });
const chosen = { name: "", text: "" };
let running;

const editor = edit(one(".editor"), {
  text: area.value,
  label: label.textContent,
  complete: completions(async () => (await fetch(terms)).json(), prefixes),
  run: () => form.requestSubmit(),
  changed: () => editor.mark(null),
});
for (const plain of form.querySelectorAll(".plain")) plain.hidden = true;
area.disabled = true;
one(".editor").hidden = false;
offer();

function offer() {
  const left = source.cost;
  go.textContent = left ? "Run here" : "Run";
  cost.textContent = left ? `Downloads ${megabytes(left)} once; nothing you ask leaves this computer.` : "";
}

// Asking.

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) ask();
});
cancel.addEventListener("click", () => running?.abort());

async function ask() {
  const text = editor.text;
  if (source.cost > MUCH && !confirm(`This downloads ${megabytes(source.cost)} into your browser. Go on?`)) return;
  remember(text);
  await busy(async (signal) => {
    tell("Answering …");
    const found = await source.ask(text, SHOWN, signal);
    const time = found.took < 10_000 ? `${Math.round(found.took)} ms` : `${Math.round(found.took / 1000)} s`;
    tell(`${answer.show(text, found)}, ${source.place}, in ${time}.`);
  });
}

/** Answer the query once more, in a format, and save that as a file. */
async function save(text, type, name) {
  if (running) return;
  await busy(async (signal) => {
    const { body } = await source.ask(text, [type], signal);
    const url = URL.createObjectURL(new Blob([body], { type }));
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    URL.revokeObjectURL(url);
    tell(`Saved as ${name}.`);
  });
}

/** Do something that may take long, and can be cancelled. */
async function busy(work) {
  running = new AbortController();
  progress.removeAttribute("value");
  for (const shown of [cancel, progress]) shown.hidden = false;
  go.disabled = true;
  editor.mark(null);
  try {
    await work(running.signal);
  } catch (error) {
    if (error.name === "AbortError") tell("Cancelled.");
    else failed(error);
  } finally {
    running = undefined;
    // Focus that would be lost with the button goes to the one that takes its place.
    const focused = document.activeElement === cancel;
    for (const hidden of [cancel, progress]) hidden.hidden = true;
    go.disabled = false;
    if (focused) go.focus();
    offer();
  }
}

function failed(error) {
  const { message, line, column } = error;
  answer.hide();
  if (error instanceof Problem && line) {
    editor.mark({ line, column, message });
    tell(`Line ${line}, column ${column}: ${message}.`, true);
  } else {
    tell(`${message}.`, true);
  }
}

/** Keep the query in the address of the page, so that it can be passed on. */
function remember(text) {
  if (text === chosen.text) return;
  const hash = text.length > LONGEST ? "" : `#query=${encodeURIComponent(text)}`;
  history.replaceState(null, "", `${location.pathname}${hash}`);
}

// Saved queries.

async function choose(link) {
  const response = await fetch(`${texts}${encodeURIComponent(link.dataset.saved)}.rq`);
  if (!response.ok) return tell(`The query cannot be had (${response.status}).`, true);
  Object.assign(chosen, { name: link.dataset.saved, text: await response.text() });
  editor.text = chosen.text;
  label.textContent = link.textContent;
  for (const other of saved.querySelectorAll("a")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  return tell(`“${link.textContent}” is in the editor.`);
}

saved?.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-saved]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await choose(link);
  history.pushState(null, "", link.href);
  editor.focus();
});

if (saved) {
  const find = one(".find", saved);
  const box = one("input", find);
  find.hidden = false;
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/);
    for (const item of saved.querySelectorAll("li")) {
      const told = `${item.textContent} ${one("a", item).dataset.saved}`.toLowerCase();
      item.hidden = !words.every((word) => told.includes(word));
    }
    for (const group of saved.querySelectorAll("details")) {
      group.hidden = !one("li:not([hidden])", group);
      if (box.value) group.open = true;
    }
  });
}

/** Begin with the query that the address of the page has: a saved one by its name, or a text. */
async function begin() {
  const text = new URLSearchParams(location.hash.slice(1)).get("query") ?? new URLSearchParams(location.search).get("query");
  const name = new URLSearchParams(location.search).get("saved");
  if (text !== null) editor.text = text;
  else if (name) {
    const link = [...(saved?.querySelectorAll("a") ?? [])].find((a) => a.dataset.saved === name);
    if (link) await choose(link);
    else tell("No query is saved under this name.", true);
  }
}

addEventListener("hashchange", begin);
addEventListener("popstate", begin);
await begin();
