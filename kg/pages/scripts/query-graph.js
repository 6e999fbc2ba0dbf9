// Graphs: N-Triples as terms, and a drawing of what is linked to what.

import { cut } from "./query-show.js";

const LABEL = "http://www.w3.org/2000/01/rdf-schema#label";
const SVG = "http://www.w3.org/2000/svg";
/** A drawing of more things than this shows nothing. */
const MOST = 60;
const [WIDTH, HEIGHT] = [960, 600];

const TERM = String.raw`<((?:[^<>\\]|\\.)*)>|_:(\S+)|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<((?:[^<>\\]|\\.)*)>)?`;
const ESCAPES = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

/** Return the triples of an N-Triples document, each three terms as in SPARQL results. */
export function triples(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const terms = [...line.matchAll(new RegExp(TERM, "gs"))].slice(0, 3).map(term);
    if (terms.length === 3) found.push(terms);
  }
  return found;
}

function term([, iri, blank, text, language, datatype]) {
  if (iri !== undefined) return { type: "uri", value: plain(iri) };
  if (blank !== undefined) return { type: "bnode", value: blank };
  const literal = { type: "literal", value: plain(text) };
  if (language) literal["xml:lang"] = language;
  if (datatype) literal.datatype = plain(datatype);
  return literal;
}

function plain(text) {
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs, (_, four, eight, one) =>
    four || eight ? String.fromCodePoint(parseInt(four ?? eight, 16)) : (ESCAPES[one] ?? one),
  );
}

/** Return a drawing of the things in a graph, or null where there are too many or none that are linked. */
export function drawing(names, graph) {
  const things = new Map();
  const links = [];
  const labels = new Map();
  const thing = ({ type, value }) => {
    const key = `${type} ${value}`;
    if (!things.has(key)) things.set(key, { type, value });
    return things.get(key);
  };
  for (const [subject, predicate, object] of graph) {
    if (object.type === "literal") {
      if (predicate.value === LABEL) labels.set(subject.value, object.value);
    } else {
      links.push({ from: thing(subject), to: thing(object), name: names.short(predicate.value) });
    }
    if (things.size > MOST) return null;
  }
  if (!links.length) return null;
  const nodes = [...things.values()];
  arrange(nodes, links);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "drawing", role: "group" });
  picture.setAttribute("aria-label", `A drawing of ${nodes.length} things and ${links.length} links, which the table lists`);
  for (const { from, to, name } of links) {
    picture.append(svg("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y }));
    const middle = svg("text", { x: (from.x + 2 * to.x) / 3, y: (from.y + 2 * to.y) / 3, class: "link" });
    middle.textContent = name;
    picture.append(middle);
  }
  for (const node of nodes) {
    const href = node.type === "uri" ? names.href(node.value) : null;
    const mark = svg(href ? "a" : "g", href ? { href } : {});
    if (href) mark.dataset.iri = node.value;
    const words = svg("text", { x: node.x, y: node.y - 10 });
    const name = labels.get(node.value) ?? (node.type === "uri" ? names.short(node.value) : `_:${node.value}`);
    words.textContent = cut(name, 32);
    mark.append(svg("circle", { cx: node.x, cy: node.y, r: 5 }), words);
    picture.append(mark);
  }
  return picture;
}

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, typeof value === "number" ? value.toFixed(1) : value);
  }
  return made;
}

/** Give nodes their places: all push one another away, links pull (Fruchterman and Reingold, 1991). */
function arrange(nodes, links) {
  nodes.forEach((node, number) => {
    const angle = number * 2.399963; // the golden angle: no two begin alike, and it is always the same
    const radius = Math.sqrt(number + 0.5);
    Object.assign(node, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
  });
  for (let heat = 1; heat > 0.01; heat *= 0.985) {
    for (const node of nodes) Object.assign(node, { dx: -node.x * 0.1, dy: -node.y * 0.1 });
    const push = (one, other, force) => {
      const [x, y] = [one.x - other.x, one.y - other.y];
      const distance = Math.max(0.01, Math.hypot(x, y));
      const by = force(distance) / distance;
      one.dx += x * by;
      one.dy += y * by;
      other.dx -= x * by;
      other.dy -= y * by;
    };
    nodes.forEach((one, number) => {
      for (const other of nodes.slice(number + 1)) push(one, other, (distance) => 1 / distance);
    });
    for (const { from, to } of links) if (from !== to) push(from, to, (distance) => -distance * distance);
    for (const node of nodes) {
      const step = Math.max(0.01, Math.hypot(node.dx, node.dy));
      const far = Math.min(step, heat) / step;
      node.x += node.dx * far;
      node.y += node.dy * far;
    }
  }
  spread(nodes, "x", 110, WIDTH - 110);
  spread(nodes, "y", 35, HEIGHT - 20);
}

/** Have the places of nodes, along one axis, take all the room from one end to the other. */
function spread(nodes, axis, from, to) {
  const places = nodes.map((node) => node[axis]);
  const [least, most] = [Math.min(...places), Math.max(...places)];
  for (const node of nodes) node[axis] = from + ((node[axis] - least) / (most - least || 1)) * (to - from);
}
