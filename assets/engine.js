// Oxigraph and a decoder of Zstandard, for the worker that answers queries in the browser.
export { default as start, namedNode, Store } from "oxigraph/web.js";
export { Decompress } from "fzstd";
