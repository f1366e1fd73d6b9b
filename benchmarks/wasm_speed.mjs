// Decodes a file some times with the WebAssembly module in node: what benchmarks/wasm.py measures.
//
//     node benchmarks/wasm_speed.mjs MODULE.wasm FILE.vnr LAYERS ROUNDS [MODEL.vnm]
//
// Prints a line of JSON: processor time of the first decode and of the shortest in seconds, SHA-256 of the samples, and the
// size of the instance's memory in bytes after it. The engine compiles during the first decodes, in threads of its own,
// whose time is counted too.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { createModel, createNetwork, Decoder, Instance, load, withTables } from '../native/wasm/module.mjs';

const [file, picture, layers, rounds, modelFile] = process.argv.slice(2);
const instance = new Instance(load(file));
const models = modelFile ? [createModel(instance, fs.readFileSync(modelFile))] : [];
const networks = new Map(); // by their weight files, beside the model file
function network(name) {
  if (!networks.has(name)) {
    networks.set(name, createNetwork(instance, fs.readFileSync(path.join(path.dirname(modelFile), name))));
  }
  return networks.get(name);
}
const data = instance.put(fs.readFileSync(picture));
const size = fs.statSync(picture).size;

const seconds = () => process.cpuUsage().user / 1e6;

function decode() {
  const decoder = new Decoder(instance, { layers, models, network });
  decoder.check(instance.exports.veneer_decoder_set_file(decoder.handle, data, size));
  decoder.addNeeded();
  decoder.check(instance.exports.veneer_decoder_finish(decoder.handle));
  return decoder;
}

const times = [];
let hash;
for (let round = 0; round < Number(rounds); ++round) {
  const start = seconds();
  const decoder = withTables(instance, decode);
  times.push(seconds() - start);
  hash ??= crypto.createHash('sha256').update(decoder.picture().samples).digest('hex');
  decoder.destroy();
}
const memory = instance.exports.memory.buffer.byteLength;
process.stdout.write(`${JSON.stringify({ first: times[0], shortest: Math.min(...times), hash, memory })}\n`);
