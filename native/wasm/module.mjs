// The WebAssembly module from JavaScript, by the C interface: what vnrdec.mjs and the benchmark use. Pages have the package
// veneer-web instead.
import fs from 'node:fs';
import path from 'node:path';

export const OK = 0;
export const LAYERS = ['full', 'base', 'preview'];

/** A module that is compiled, where the fields of its structures are, and how tables that it lacks are had. */
export function load(file) {
  const beside = (name) => path.join(path.dirname(file), name);
  return {
    module: new WebAssembly.Module(fs.readFileSync(file)),
    layout: JSON.parse(fs.readFileSync(beside('layout.json'), 'utf8')),
    table: (number) => fs.readFileSync(beside(`table-${number}.bin`)),
  };
}

/** An instance of the module with a memory of its own. Functions are `exports`; structures are read by `field`. */
export class Instance {
  constructor({ module, layout, table }) {
    this.layout = layout;
    this.table = table;
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.exports._initialize();
  }

  /** Gives the module the tables that it has lacked so far; false if there are none. */
  giveTables() {
    const lacking = this.exports.veneer_web_lacking_tables?.() ?? 0;
    for (let number = 0; lacking >> number; ++number) {
      if (!((lacking >> number) & 1)) continue;
      const data = this.table(number);
      const address = this.put(data);
      const status = this.exports.veneer_web_set_table(number, address, data.length);
      this.exports.free(address);
      if (status !== OK) throw new Error(`table ${number} is not that of this module`);
    }
    return lacking !== 0;
  }

  /** The memory as bytes; valid until something is allocated. */
  bytes(address, size) {
    return new Uint8Array(this.exports.memory.buffer, address, size);
  }

  allocate(size) {
    const address = this.exports.malloc(Math.max(size, 1));
    if (address === 0) throw new Error('no memory');
    return address;
  }

  put(data) {
    const address = this.allocate(data.length);
    this.bytes(address, data.length).set(data);
    return address;
  }

  /** Space for a structure, all 0. */
  structure(name) {
    const { size } = this.layout[name];
    const address = this.allocate(size);
    this.bytes(address, size).fill(0);
    return address;
  }

  field(name, address, field) {
    const { offset, type } = this.layout[name].fields[field];
    const view = new DataView(this.exports.memory.buffer, address + offset);
    switch (type) {
      case 'i32':
        return view.getInt32(0, true);
      case 'u32':
      case 'pointer':
        return view.getUint32(0, true);
      case 'u16':
        return view.getUint16(0, true);
      case 'i64':
        return Number(view.getBigInt64(0, true));
      default:
        return address + offset; // of an array or a structure
    }
  }

  rectangle([x, y, width, height]) {
    const address = this.allocate(this.layout.VeneerRect.size);
    new Int32Array(this.exports.memory.buffer, address, 4).set([x, y, width, height]);
    return address;
  }

  problem(address) {
    const text = this.bytes(this.field('VeneerProblem', address, 'message'), 240);
    return {
      code: this.field('VeneerProblem', address, 'code'),
      offset: this.field('VeneerProblem', address, 'offset'),
      message: Buffer.from(text.subarray(0, text.indexOf(0))).toString('latin1'),
    };
  }
}

/** Runs `work`, again where it lacked tables. */
export function withTables(instance, work) {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DecodeError) || error.problem || !instance.giveTables()) throw error;
    }
  }
}

/** What the C interface said of a failure; `problem` is null where memory was missing or a call was wrong. */
export class DecodeError extends Error {
  constructor(status, problem) {
    super(problem ? problem.message : status === 2 ? 'no memory' : `status ${status}`);
    this.problem = problem;
  }
}

/** A decoder of one file. Settings as those of the C interface: layers, realism (0..64), region, strict, models; and
 *  `network`, which gives a network by the name of its weight file, or null. */
export class Decoder {
  constructor(instance, { layers = 'full', realism, region, strict = false, models = [], network } = {}) {
    this.instance = instance;
    this.network = network ?? (() => null);
    this.exports = instance.exports;
    this.handle = this.exports.veneer_decoder_create(0, 0);
    if (this.handle === 0) throw new DecodeError(2, null);
    this.check(this.exports.veneer_decoder_set_layers(this.handle, LAYERS.indexOf(layers)));
    if (realism !== undefined) this.check(this.exports.veneer_decoder_set_realism(this.handle, realism));
    if (region) this.check(this.exports.veneer_decoder_set_region(this.handle, instance.rectangle(region)));
    if (strict) this.check(this.exports.veneer_decoder_set_strict(this.handle, 1));
    for (const model of models) this.check(this.exports.veneer_decoder_add_model(this.handle, model));
  }

  check(status) {
    if (status === OK) return;
    const problem = this.instance.structure('VeneerProblem');
    const has = this.exports.veneer_decoder_error(this.handle, problem) === OK;
    throw new DecodeError(status, has ? this.instance.problem(problem) : null);
  }

  /** Takes a whole file. It stays in the memory of the instance. */
  decode(data) {
    this.check(this.exports.veneer_decoder_set_file(this.handle, this.instance.put(data), data.length));
    this.addNeeded();
    this.check(this.exports.veneer_decoder_finish(this.handle));
  }

  /** Gives the decoder the networks that the picture needs, as far as they can be had. */
  addNeeded() {
    const address = this.instance.structure('VeneerWeightFile');
    for (let i = 0; this.exports.veneer_decoder_needed(this.handle, i, address) === OK;) {
      const name = this.instance.bytes(this.instance.field('VeneerWeightFile', address, 'file_name'), 80);
      const network = this.network(Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1'));
      if (network === null) ++i;
      else this.check(this.exports.veneer_decoder_add_network(this.handle, network));
    }
  }

  problems() {
    const address = this.instance.structure('VeneerProblem');
    return Array.from({ length: this.exports.veneer_decoder_problem_count(this.handle) }, (_, i) => {
      this.exports.veneer_decoder_problem(this.handle, i, address);
      return this.instance.problem(address);
    });
  }

  /** The picture; its samples are a copy without gaps between rows, as bytes in the order of this machine. */
  picture() {
    const address = this.instance.structure('VeneerImage');
    this.check(this.exports.veneer_decoder_picture(this.handle, address));
    const field = (name) => this.instance.field('VeneerImage', address, name);
    const [width, height, channels, sampleBytes] = ['width', 'height', 'channels', 'bytes_per_sample'].map(field);
    const pixels = field('pixels');
    const stride = field('stride');
    const rowBytes = width * channels * sampleBytes;
    const samples = Buffer.alloc(rowBytes * height);
    for (let y = 0; y < height; ++y) samples.set(this.instance.bytes(pixels + y * stride, rowBytes), y * rowBytes);
    return { width, height, channels, sampleBytes, depth: field('bit_depth'), format: field('sample_format'), samples };
  }

  /** The JPEG that the file keeps. */
  jpeg() {
    const size = this.instance.allocate(4);
    const address = this.exports.veneer_web_jpeg(this.handle, size);
    if (address === 0) this.check(1);
    const length = new Uint32Array(this.exports.memory.buffer, size, 1)[0];
    const data = Buffer.from(this.instance.bytes(address, length));
    this.exports.free(address);
    return data;
  }

  destroy() {
    this.exports.veneer_decoder_destroy(this.handle);
  }
}

/** A model of the bytes of its model file. */
export function createModel(instance, data) {
  return create(instance, data, 'veneer_model_create');
}

/** A network of the bytes of its weight file. */
export function createNetwork(instance, data) {
  return create(instance, data, 'veneer_network_create');
}

function create(instance, data, maker) {
  const address = instance.put(data);
  const error = instance.structure('VeneerProblem');
  const made = instance.exports[maker](0, address, data.length, error);
  instance.exports.free(address);
  if (made !== 0) return made;
  const problem = instance.problem(error);
  throw new DecodeError(problem.code ? 1 : 2, problem.code ? problem : null);
}
