/**
 * Builds the package: node build.mjs [--wasm FILE] [--models] [--viewer DIR]
 *
 *   --wasm FILE   the module that native/wasm/build.py made, with layout.json and, of --tables-apart, the tables beside
 *                 it; default ../build/wasm/veneer.wasm
 *   --models      copies the models of the Python package to dist/models, under the names that pages ask for
 *   --viewer DIR  makes the folder of `veneer view`, which is src/veneer/viewer
 *
 * dist/: veneer.js and element.js (modules), veneer-worker.js, veneer-sw.js (scripts), veneer.wasm, table-N.bin, types/.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const flag = { type: "boolean", default: false };
const path = { type: "string" };
const { values } = parseArgs({ options: { wasm: path, models: flag, viewer: path } });
const wasm = values.wasm ?? join(here, "../build/wasm/veneer.wasm");
const dist = join(here, "dist");
/** Node itself packs a tenth worse. */
const PACK = `import lzma, sys
data = open(sys.argv[1], "rb").read()
open(sys.argv[2], "wb").write(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))`;
const MODELS = join(here, "../src/veneer/models");

if (!existsSync(wasm)) {
  console.error(`${wasm} is not there; make it with: python3 native/wasm/build.py build/wasm/veneer.wasm`);
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
writeLayout(join(dirname(wasm), "layout.json"), join(here, "src/generated/layout.ts"));
checkTypes();

const common = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "warning", outdir: dist };
const scripts = { "veneer-worker": "src/worker.ts", "veneer-sw": "src/service_worker.ts" };
const modules = { element: "src/element.ts", viewer: "src/viewer/viewer.ts", demo: "src/demo/demo.ts" };
// The other modules share what veneer.js has, its settings and its workers.
const shared = {
  name: "shared",
  setup: (setup) => setup.onResolve({ filter: /\/index\.js$/ }, () => ({ path: "./veneer.js", external: true })),
};
await build({ ...common, entryPoints: inFolder({ veneer: "src/index.ts" }), format: "esm" });
await build({ ...common, entryPoints: inFolder(modules), format: "esm", plugins: [shared] });
await build({ ...common, entryPoints: inFolder(scripts), format: "iife" });
copyFileSync(wasm, join(dist, "veneer.wasm"));
const tables = readdirSync(dirname(wasm)).filter((name) => /^table-\d+\.bin$/.test(name));
for (const name of tables) copyFileSync(join(dirname(wasm), name), join(dist, name));
if (values.models) copyModels();
if (values.viewer) makeViewer(values.viewer);

function checkTypes() {
  try {
    execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", here], { stdio: "inherit" });
  } catch {
    process.exit(1); // the compiler has said why
  }
}

function inFolder(entries) {
  return Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(here, path)]));
}

/** Makes constants of the structures of the C interface: `layout.VeneerInfo.width` is an offset, `sizeof` the size. */
function writeLayout(source, target) {
  const lines = Object.entries(JSON.parse(readFileSync(source, "utf8"))).map(([name, { size, fields }]) => {
    const offsets = Object.entries(fields).map(([field, { offset }]) => `${field}: ${offset}`);
    return `  ${name}: { sizeof: ${size}, ${offsets.join(", ")} },\n`;
  });
  const text = `/** Made by build.mjs of the layout of the WebAssembly module. */\nexport const layout = {\n${lines.join("")}} as const;\n`;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

/** Model files NAME-ID.vnm to ID-CHECK.vnm, where CHECK begins the file's SHA-256; weight files have such names already. */
function copyModels() {
  mkdirSync(join(dist, "models"));
  for (const name of readdirSync(MODELS).filter((file) => /\.vn[mw]$/.test(file))) {
    const id = /-(\d+)\.vnm$/.exec(name)?.[1];
    const check = createHash("sha256").update(readFileSync(join(MODELS, name))).digest("hex").slice(0, 8);
    copyFileSync(join(MODELS, name), join(dist, "models", id === undefined ? name : `${id}-${check}.vnm`));
  }
}

/** Module and tables are packed. `sources.txt` has a hash of what all was made of, for a test. */
function makeViewer(target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const names = ["veneer.js", "element.js", "viewer.js", "veneer-worker.js", "veneer-sw.js"];
  for (const name of names) copyFileSync(join(dist, name), join(target, name));
  for (const name of ["index.html", "viewer.css"]) copyFileSync(join(here, "src/viewer", name), join(target, name));
  for (const name of ["veneer.wasm", ...tables]) {
    execFileSync("python3", ["-c", PACK, join(dist, name), join(target, `${name}.xz`)], { stdio: "inherit" });
  }
  const hash = createHash("sha256");
  for (const path of sourcesOfViewer()) hash.update(readFileSync(path, "utf8"));
  writeFileSync(join(target, "sources.txt"), `${hash.digest("hex")}\n`);
}

/** What the scripts are made of, in the order of their names: `src`, and the interface of the module. */
function sourcesOfViewer() {
  const all = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? all(join(folder, entry.name)) : [join(folder, entry.name)],
    );
  const own = all(join(here, "src")).filter((path) => !path.includes("generated") && !path.includes("/demo/"));
  return [...own, join(here, "../native/include/veneer/decode.h"), join(here, "../native/include/veneer/types.h")].sort();
}
