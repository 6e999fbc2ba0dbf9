// Who answers queries: the endpoint of `kg serve`, or a worker of this page over the dumps.
import { Problem } from "./query-text.js";

/** The endpoint at an address. */
export class Endpoint {
  constructor(address) {
    this.address = address;
    this.place = "by the endpoint";
    this.cost = 0;
  }

  /**
   * Return { type, body, took } of the first media type that suits; took is in milliseconds.
   *
   * Raises Problem, and AbortError when the signal says so.
   */
  async ask(text, types, signal) {
    const began = performance.now();
    const response = await fetch(this.address, {
      method: "POST",
      headers: { Accept: types.join(", "), "Content-Type": "application/sparql-query" },
      body: text,
      signal,
    });
    const body = await response.text();
    const type = response.headers.get("Content-Type")?.split(";")[0];
    if (response.ok) return { type, body, took: performance.now() - began };
    const [, line, column, message] = /^(?:query(?::(\d+):(\d+))?: (?:error: )?)?(.*)/.exec(body);
    throw new Problem(message || `the endpoint says ${response.status}`, Number(line ?? 0), Number(column ?? 0));
  }
}

/** A worker of this page. */
export class Browser {
  #blobs;
  #worker;
  #waiting = new Map();
  #count = 0;

  /** engine: { url, bytes }; files: [{ name, url, bytes }]; told: called with a stage, and how much of it is done. */
  constructor({ engine, files, base, prefixes, told }) {
    Object.assign(this, { engine, files, base, prefixes, told });
    this.place = "in your browser";
  }

  /** How many bytes are still to be downloaded before a query is answered. */
  get cost() {
    return this.#blobs ? 0 : this.#bytes;
  }

  get #bytes() {
    return this.files.reduce((sum, file) => sum + file.bytes, this.engine.bytes);
  }

  /** As that of the endpoint. */
  async ask(text, types, signal) {
    const stop = () => this.#stop(signal.reason);
    signal.addEventListener("abort", stop);
    try {
      this.#blobs ??= await this.#download(signal);
      if (!this.#worker) {
        await this.#start();
        this.told("answering");
      }
      return await this.#send("answer", { text, types });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #download(signal) {
    let had = 0;
    const bytes = this.#bytes;
    const one = async ({ url }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Problem(`${url} cannot be had (${response.status})`);
      const chunks = [];
      for (const reader = response.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return new Blob(chunks);
        chunks.push(value);
        had += value.length;
        this.told("downloading", Math.min(1, had / bytes), had);
      }
    };
    this.told("downloading", 0, 0);
    const [engine, ...files] = await Promise.all([this.engine, ...this.files].map(one));
    return { engine, files };
  }

  async #start() {
    const size = this.#blobs.files.reduce((sum, blob) => sum + blob.size, 0);
    let read = 0;
    this.#worker = new Worker(new URL("./query-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      if (data.read) return this.told("reading", (read += data.read) / size);
      const { resolve, reject } = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.done) return resolve(data.done);
      const { message, line, column, broken } = data.failed;
      if (broken) this.#stop();
      return reject(new Problem(message, line, column));
    };
    this.#worker.onerror = () => this.#stop(new Problem("the worker of this page could not be started"));
    const { base, prefixes } = this;
    const files = this.files.map(({ name }, number) => ({ name, content: this.#blobs.files[number] }));
    this.told("reading", 0);
    try {
      await this.#send("load", { engine: this.#blobs.engine, files, base, prefixes });
    } catch (error) {
      this.#stop(error);
      throw error;
    }
  }

  #send(task, given) {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, task, ...given });
    });
  }

  /** End the worker, and all that it is asked; what was downloaded is kept. */
  #stop(reason) {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
