// Shows an answer: as a table, a drawing, or a word, and what it can be saved as.
import { drawing, triples } from "./query-graph.js";
import { counted, cut, element, table } from "./query-show.js";

const TABLES = {
  CSV: ["text/csv", "csv"],
  TSV: ["text/tab-separated-values", "tsv"],
  JSON: ["application/sparql-results+json", "json"],
  XML: ["application/sparql-results+xml", "xml"],
};
const GRAPHS = {
  Turtle: ["text/turtle", "ttl"],
  "N-Triples": ["application/n-triples", "nt"],
  "JSON-LD": ["application/ld+json", "jsonld"],
};

/** The formats that can be shown. */
export const SHOWN = [TABLES.JSON[0], GRAPHS["N-Triples"][0]];

/** What is asked of the things in an answer. */
const TOLD = `SELECT ?thing (MIN(STR(?name)) AS ?label) (MIN(STR(?of)) AS ?fact) WHERE {
  VALUES ?thing {}
  OPTIONAL { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?name }
  OPTIONAL { ?thing <https://w3id.org/kgpress/ns#fact> ?of }
} GROUP BY ?thing`;

/** The answer to one query after the other. */
export class Answer {
  #known = new Map();

  /** section: where answers are shown; save: called with a query, a media type and the name of a file. */
  constructor(section, { source, names, save }) {
    Object.assign(this, { section, source, names, save });
  }

  hide() {
    this.section.hidden = true;
  }

  /** Show what a query was answered, and return how much that is. */
  show(text, { type, body }) {
    const graph = type === SHOWN[1];
    const { count, parts } = graph ? this.#graph(body) : this.#rows(JSON.parse(body));
    const title = this.section.querySelector("h2");
    this.section.replaceChildren(title, ...parts, this.#downloads(text, graph ? GRAPHS : TABLES));
    this.section.hidden = false;
    this.#labelled();
    return count;
  }

  #graph(body) {
    const graph = triples(body);
    const count = counted(graph.length, "triple");
    const picture = drawing(this.names, graph);
    return { count, parts: [...(picture ? [picture] : []), ...this.#table(count, ["subject", "predicate", "object"], graph)] };
  }

  #rows({ boolean, head, results }) {
    if (boolean !== undefined) {
      const count = boolean ? "Yes" : "No";
      return { count, parts: [element("p", { class: "verdict" }, count)] };
    }
    const count = counted(results.bindings.length, "row");
    const rows = results.bindings.map((row) => head.vars.map((name) => row[name]));
    return { count, parts: this.#table(count, head.vars, rows) };
  }

  #table(caption, columns, rows) {
    return table(this.names, caption, columns, rows, () => this.#labelled());
  }

  /** Put their labels to the things that are shown; a claim is shown on the page of its fact. */
  async #labelled() {
    const { base } = this.names;
    const bare = [...this.section.querySelectorAll("a[data-iri]")].filter((a) => a.dataset.iri.startsWith(base));
    const iris = new Set(bare.map((a) => a.dataset.iri));
    const asked = [...iris].filter((iri) => !this.#known.has(iri) && /^[^<>"{}|^`\\\s]+$/.test(iri));
    try {
      if (asked.length) await this.#learn(asked);
    } catch {
      return; // the names do without
    }
    for (const a of bare) {
      const { iri } = a.dataset;
      delete a.dataset.iri;
      const { label, fact } = this.#known.get(iri) ?? {};
      const page = fact && iri.startsWith(`${base}claim/`) && this.names.href(fact.value);
      if (page) a.setAttribute("href", `${page}#claim=${iri.split("/").at(-1)}`);
      if (label && a instanceof HTMLElement) a.after(" ", element("small", {}, element("bdi", {}, cut(label.value, 80))));
    }
  }

  async #learn(iris) {
    const text = TOLD.replace("{}", () => `{ ${iris.map((iri) => `<${iri}>`).join(" ")} }`);
    const { body } = await this.source.ask(text, [SHOWN[0]], AbortSignal.timeout(10_000));
    for (const { thing, ...told } of JSON.parse(body).results.bindings) this.#known.set(thing.value, told);
  }

  #downloads(text, formats) {
    const buttons = Object.entries(formats).map(([name, [type, suffix]]) => {
      const button = element("button", { type: "button" }, name);
      button.addEventListener("click", () => this.save(text, type, `answer.${suffix}`));
      return button;
    });
    return element("p", { class: "save" }, "Save as ", ...buttons.flatMap((button) => [button, " "]));
  }
}
