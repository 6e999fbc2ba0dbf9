// Bundles what pages run that others wrote into kg/pages/built/: the same bytes at each run.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const here = new URL("./", import.meta.url);
const out = process.argv[2] ? pathToFileURL(`${process.argv[2]}/`) : new URL("../kg/pages/built/", here);
const read = (path) => readFile(new URL(path, here));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here.pathname,
  entryPoints: ["editor.js", "engine.js"],
  outdir: out.pathname,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none", // LICENSES.txt has them
  metafile: true,
  logLevel: "warning",
});

// A static host need not compress: so it is, and its size can be told before it is downloaded.
const engine = gzipSync(await read("node_modules/oxigraph/web_bg.wasm"), { level: 9 });
await writeFile(new URL("engine.wasm.gz", out), engine);

const bundled = new Set(
  Object.keys(metafile.inputs)
    .map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const licenses = [];
for (const name of [...bundled].sort()) {
  const { version, license } = JSON.parse(await read(`node_modules/${name}/package.json`));
  const file = (await readdir(new URL(`node_modules/${name}/`, here))).find((f) => /^licen[cs]e/i.test(f));
  // The package of Oxigraph names its licence, and holds no text of it.
  const text = await read(file ? `node_modules/${name}/${file}` : `licenses/${name}.txt`);
  licenses.push(`${name} ${version} (${license})\n\n${String(text).trim()}\n`);
}
await writeFile(new URL("LICENSES.txt", out), licenses.join(`\n${"-".repeat(72)}\n\n`));
