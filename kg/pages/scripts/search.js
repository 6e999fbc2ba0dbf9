// The search box as a combobox (WAI-ARIA Authoring Practices: "Editable Combobox With List
// Autocomplete"), and the page of all hits. Names and texts are set as text, never as markup.

import { Index } from "./search-index.js";
import { marked } from "./search-words.js";

const BASE = new URL("../", import.meta.url);
const FEW = 8; // hits in the list below the box
const MANY = 200; // on the page
const PAUSE = 120; // ms without a letter before hits are looked for
const AROUND = 60; // letters of a text before and after the first hit

const index = new Index(async (name) => {
  const response = await fetch(new URL(`search/${name}`, BASE));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.json();
});

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function told({ hits, more, typed }) {
  if (!typed.length) return "";
  const count = hits.length === 1 ? "1 hit" : `${hits.length} hits`;
  if (hits.length) return more ? `More than ${count}` : count;
  return more ? "Too many begin so: type a letter more" : "Nothing found";
}

function pieces(text, typed) {
  return marked(text, typed).map(([part, hit]) => (hit ? element("mark", {}, part) : part));
}

// The words around the first hit in a text.
function around(text, typed) {
  const parts = marked(text, typed);
  const first = parts.findIndex(([, hit]) => hit);
  const letters = [...parts.slice(0, Math.max(first, 0)).map(([part]) => part).join("")];
  if (letters.length <= AROUND * 1.5) return pieces(text, typed);
  const before = letters.slice(-AROUND).join("");
  const cut = Math.max(before.indexOf(" "), 0);
  const rest = parts.slice(first).map(([part]) => part).join("");
  return ["… ", ...pieces((before + rest).slice(cut), typed)];
}

function shown(hit, typed) {
  const lines = [
    element("span", { className: "name" }, element("bdi", {}, ...pieces(hit.name, typed))),
    element("small", {}, hit.type),
  ];
  if (hit.more) {
    const words = element("span", { className: "words", dir: "auto" });
    words.append(...(hit.kind === "text" ? around(hit.more, typed) : ["also ", element("bdi", {}, ...pieces(hit.more, typed))]));
    lines.push(words);
  }
  return lines;
}

function page(query) {
  const url = new URL("search.html", BASE);
  url.searchParams.set("q", query);
  return url;
}

export function attach(box) {
  const list = element("ul", { id: "hits", role: "listbox", hidden: true, ariaLabel: "Hits" });
  const status = element("p", { className: "status", role: "status" });
  box.form.append(list, status);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "hits");
  box.setAttribute("aria-expanded", "false");

  let active = -1;
  let latest = 0;
  let timer;

  const choose = (number) => {
    const options = [...list.children];
    options[active]?.setAttribute("aria-selected", "false");
    active = number;
    const option = options[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  };
  const open = (yes) => {
    list.hidden = !yes;
    box.setAttribute("aria-expanded", String(yes));
    if (!yes) choose(-1);
  };
  const option = (href, ...children) => {
    const made = element("li", { role: "option", ariaSelected: "false" }, ...children);
    made.dataset.href = href;
    return made;
  };

  async function look() {
    const number = ++latest;
    const query = box.value;
    try {
      const found = await index.find(query);
      if (number !== latest) return;
      const { hits, typed } = found;
      const options = hits.slice(0, FEW).map((hit) => option(new URL(`./${hit.href}`, BASE), ...shown(hit, typed)));
      if (hits.length > FEW) options.push(option(page(query), `All ${told(found).toLowerCase()}`));
      options.forEach((each, at) => (each.id = `hit-${at}`));
      choose(-1);
      list.replaceChildren(...options);
      open(options.length > 0 && document.activeElement === box);
      status.textContent = told(found);
      status.classList.toggle("seen", typed.length > 0 && !hits.length);
    } catch {
      if (number !== latest) return;
      open(false);
      status.textContent = "The search index cannot be loaded just now";
      status.classList.add("seen");
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  box.addEventListener("focus", () => list.children.length && box.value && open(true));
  box.addEventListener("blur", () => open(false));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      if (list.hidden) open(true);
      // -1, where none is chosen, is one of the places gone through.
      choose(((active + step + count + 2) % (count + 1)) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      location.assign(list.children[active].dataset.href);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      open(false);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const href = event.target.closest("[role=option]")?.dataset.href;
    if (!href) return;
    if (event.ctrlKey || event.metaKey) window.open(href, "_blank", "noopener");
    else location.assign(href);
  });

  if (box.form.dataset.search === "page") all(box);
  else if (box.value && document.activeElement === box) look();
}

// Shows all hits of the query in the address of the page.
async function all(box) {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const home = document.querySelector("#found");
  if (!home || !query) return;
  box.value = query;
  document.title = `${query} – ${document.title}`;
  const heading = element("p", { className: "count", role: "status" }, "…");
  home.replaceChildren(heading);
  try {
    const found = await index.find(query);
    const items = found.hits.slice(0, MANY).map((hit) => {
      const [name, type, ...rest] = shown(hit, found.typed);
      const link = element("a", { href: new URL(`./${hit.href}`, BASE) }, ...name.childNodes);
      return element("li", {}, link, " ", type, ...rest);
    });
    heading.textContent = told(found) || "Type a letter or a digit";
    home.append(element("ol", { className: "found" }, ...items));
    if (found.more || found.hits.length > MANY) {
      home.append(element("p", { className: "more" }, "These are the best; type more to see others."));
    }
  } catch {
    heading.textContent = "The search index cannot be loaded just now";
  }
}
