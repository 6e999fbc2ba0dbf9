// Answers queries in the browser: Oxigraph over the dumps, with the graphs that `kg query` has.
import { Decompress, namedNode, start, Store } from "./engine.js";
import { declarations, form, problem, withColumns } from "./query-text.js";

const PIECE = 1 << 20;
const GRAPHS = ["application/n-triples", "text/turtle", "application/ld+json"];

let base, prefixes, store;

onmessage = async ({ data: { id, task, ...given } }) => {
  try {
    const began = performance.now();
    const done = await (task === "load" ? load(given) : answer(given));
    postMessage({ id, done: { ...done, took: performance.now() - began } });
  } catch (error) {
    // Where the engine itself has broken it can answer nothing more.
    const broken = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    const message = broken ? "the query nests too deeply, or needs more memory than there is" : error.message;
    postMessage({ id, failed: { message, line: error.line, column: error.column, broken } });
  }
};

/** Take the engine and the files, and what names in queries mean. */
async function load({ engine, files, ...dataset }) {
  ({ base, prefixes } = dataset);
  await start({ module_or_path: await unpacked(engine) });
  store = new Store();
  for (const { name, content } of files) {
    // The dump has a graph for each article; what lies beside it is a graph that is called as its file.
    const quads = name.startsWith("kg.");
    store.load(pieces(name, content), {
      format: quads ? "application/trig" : "text/turtle",
      base_iri: base,
      to_graph_name: quads ? undefined : namedNode(`${base}data/${name}`),
      no_transaction: true,
    });
    // A triple that several articles say is one triple of the default graph.
    if (quads) store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }");
  }
}

async function unpacked(engine) {
  const signature = new Uint8Array(await engine.slice(0, 2).arrayBuffer());
  // Some hosts unpack what ends in .gz by themselves.
  const packed = signature[0] === 0x1f && signature[1] === 0x8b;
  const stream = packed ? engine.stream().pipeThrough(new DecompressionStream("gzip")) : engine.stream();
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

/** Yield a file, piece by piece, as it is when it is unpacked. */
function* pieces(name, content) {
  const reader = new FileReaderSync();
  const found = [];
  const unpacking = name.endsWith(".zst") && new Decompress((piece) => found.push(piece));
  for (let at = 0; at < content.size; at += PIECE) {
    const piece = new Uint8Array(reader.readAsArrayBuffer(content.slice(at, at + PIECE)));
    if (unpacking) unpacking.push(piece, at + PIECE >= content.size);
    else found.push(piece);
    postMessage({ read: piece.length });
    yield* found.splice(0).filter((one) => one.length);
  }
}

/** Return the answer to a query, in the first format that suits. */
function answer({ text, types }) {
  const graph = ["CONSTRUCT", "DESCRIBE"].includes(form(text));
  const type = types.find((one) => GRAPHS.includes(one) === graph);
  if (!type) throw new Error("the answer comes in no format that was asked for");
  let body = asked(text, type);
  if (graph || form(text) === "ASK") return { type, body: ended(body, graph) };
  const names = JSON.parse(/\[.*?\]/s.exec(type.endsWith("json") ? body : asked(text, "json"))[0]);
  const named = withColumns(text, names);
  if (named) body = asked(named, type);
  return { type, body: ended(body) };
}

function asked(text, format) {
  const before = declarations(text, prefixes);
  try {
    return store.query(before + text, { base_iri: base, results_format: format });
  } catch (error) {
    throw error instanceof WebAssembly.RuntimeError || error instanceof RangeError
      ? error
      : problem(error.message, before.length);
  }
}

/** Tables end with a line end, as those of `kg query` do. */
function ended(body, graph = false) {
  return graph || body.endsWith("\n") ? body : `${body}\n`;
}
