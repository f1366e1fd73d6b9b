// vnrdec over the WebAssembly module, in node: takes the options of native/tools/vnrdec.c but --threads, writes .pam, .raw
// and .jpg, and ends with its exit codes.
//
//     node native/wasm/vnrdec.mjs MODULE.wasm [OPTION]... IN.vnr OUT.pam|.raw|.jpg
//     node native/wasm/vnrdec.mjs MODULE.wasm --serve
//
// With --serve it runs the words of each line of its input, a JSON array, and answers with a line {"code": exit code,
// "error": number of the error or null, "written": what would go to the standard error}. Exit code 134 is a trap.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { createModel, createNetwork, DecodeError, Decoder, Instance, load, withTables } from './module.mjs';

const DECODED = 0;
const REFUSED = 1;
const WRONG_USAGE = 2;
const TRAPPED = 134;
const TYPES = ['GRAYSCALE', 'GRAYSCALE_ALPHA', 'RGB', 'RGB_ALPHA'];

class UsageError extends Error {}

function parse(words) {
  const options = { strict: false, models: [] };
  let at = 0;
  for (; at < words.length && words[at].startsWith('--'); ++at) {
    const name = words[at];
    if (name === '--strict') {
      options.strict = true;
      continue;
    }
    const value = words[++at];
    if (value === undefined) throw new UsageError(`${name} needs a value`);
    if (name === '--layers') options.layers = value;
    else if (name === '--realism') options.realism = Math.floor(Number(value) * 64 + 0.5);
    else if (name === '--region') options.region = value.split(',').map(Number);
    else if (name === '--model') options.models.push(value);
    else if (name !== '--threads') throw new UsageError(`${name} is no option`);
  }
  if (words.length - at !== 2) throw new UsageError('IN and OUT are needed');
  return { options, source: words[at], out: words[at + 1] };
}

function write(out, { width, height, channels, sampleBytes, depth, format, samples }) {
  if (out.endsWith('.raw')) return fs.writeFileSync(out, samples);
  if (format !== 0) throw new UsageError('the picture has half floats: write a .raw');
  const most = 2 ** depth - 1;
  const head = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${channels}\nMAXVAL ${most}\nTUPLTYPE ${TYPES[channels - 1]}\nENDHDR\n`;
  if (sampleBytes === 2) samples.swap16();
  return fs.writeFileSync(out, Buffer.concat([Buffer.from(head), samples]));
}

function decode(module, words) {
  const instance = new Instance(module);
  const models = words.options.models.map((name) => createModel(instance, fs.readFileSync(name)));
  const folders = [...new Set(words.options.models.map((name) => path.dirname(name)))];
  const network = (name) => {
    const folder = folders.find((each) => fs.existsSync(path.join(each, name)));
    return folder === undefined ? null : createNetwork(instance, fs.readFileSync(path.join(folder, name)));
  };
  return withTables(instance, () => decodeWith(instance, { models, network }, words));
}

function decodeWith(instance, parts, { options, source, out }) {
  const decoder = new Decoder(instance, { ...options, ...parts });
  const data = fs.readFileSync(source);
  if (out.endsWith('.jpg')) {
    try {
      decoder.decode(data);
    } catch (error) {
      if (!error.problem) throw error; // a JPEG may be had where pixels are not
    }
    fs.writeFileSync(out, decoder.jpeg());
    return [];
  }
  decoder.decode(data);
  const problems = decoder.problems();
  write(out, decoder.picture());
  decoder.destroy();
  return problems;
}

function execute(module, words) {
  try {
    const problems = decode(module, parse(words));
    return { code: DECODED, error: null, written: problems.map((problem) => `${problem.message}\n`).join('') };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception) {
      return { code: TRAPPED, error: null, written: `${error.stack}\n` };
    }
    const code = error instanceof UsageError ? WRONG_USAGE : REFUSED;
    return { code, error: error.problem?.code ?? null, written: `vnrdec.mjs: ${error.message}\n` };
  }
}

const [file, ...words] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node vnrdec.mjs MODULE.wasm [OPTION]... IN.vnr OUT.pam|.raw|.jpg, or --serve\n');
  process.exit(WRONG_USAGE);
}
const module = load(file);
if (words[0] === '--serve') {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(execute(module, JSON.parse(line)))}\n`);
  }
} else {
  const result = execute(module, words);
  process.stderr.write(result.written);
  process.exitCode = result.code;
}
