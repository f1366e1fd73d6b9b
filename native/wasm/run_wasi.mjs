// Runs a program for WASI in node: the one that compares kernels.
//
//     node native/wasm/run_wasi.mjs PROGRAM.wasm [ARGUMENT]...
import fs from 'node:fs';
import { WASI } from 'node:wasi';

const [file, ...words] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [file, ...words], returnOnExit: true });
const module = new WebAssembly.Module(fs.readFileSync(file));
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
