/** An instance of the WebAssembly module: its functions by name, and its memory. One thread uses it. */
import { Code, VeneerError, type Problem } from "./errors.js";
import { layout } from "./generated/layout.js";

/** An address in the memory of the module. */
export type Pointer = number;

/** What the module exports; see native/include/veneer/decode.h. Sizes and 64-bit numbers as WebAssembly has them. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize?(): void;
  malloc(size: number): Pointer;
  free(block: Pointer): void;
  veneer_version(): number;
  veneer_decoder_create(allocator: Pointer, runner: Pointer): Pointer;
  veneer_decoder_destroy(decoder: Pointer): void;
  veneer_decoder_set_layers(decoder: Pointer, layers: number): number;
  veneer_decoder_set_realism(decoder: Pointer, realism: number): number;
  veneer_decoder_set_region(decoder: Pointer, region: Pointer): number;
  veneer_decoder_set_strict(decoder: Pointer, strict: number): number;
  veneer_decoder_set_max_pixels(decoder: Pointer, pixels: bigint): number;
  veneer_decoder_add_model(decoder: Pointer, model: Pointer): number;
  veneer_decoder_add_network(decoder: Pointer, network: Pointer): number;
  veneer_decoder_needed_count(decoder: Pointer): number;
  veneer_decoder_needed(decoder: Pointer, index: number, file: Pointer): number;
  veneer_decoder_feed(decoder: Pointer, data: Pointer, size: number): number;
  veneer_decoder_finish(decoder: Pointer): number;
  veneer_decoder_next_event(decoder: Pointer, event: Pointer): number;
  veneer_decoder_info(decoder: Pointer, info: Pointer): number;
  veneer_decoder_text(decoder: Pointer, index: number, keyword: Pointer, text: Pointer): number;
  veneer_decoder_picture(decoder: Pointer, image: Pointer): number;
  veneer_decoder_preview(decoder: Pointer, image: Pointer): number;
  veneer_decoder_problem_count(decoder: Pointer): number;
  veneer_decoder_problem(decoder: Pointer, index: number, problem: Pointer): number;
  veneer_decoder_error(decoder: Pointer, problem: Pointer): number;
  veneer_model_create(allocator: Pointer, data: Pointer, size: number, error: Pointer): Pointer;
  veneer_model_release(model: Pointer): void;
  veneer_network_create(allocator: Pointer, data: Pointer, size: number, error: Pointer): Pointer;
  veneer_network_release(network: Pointer): void;
  veneer_web_jpeg(decoder: Pointer, size: Pointer): Pointer;
  veneer_web_jpeg_front(decoder: Pointer, size: Pointer): Pointer;
  /** Of modules without their tables: those that a decoder has lacked, as bits. */
  veneer_web_lacking_tables?(): number;
  veneer_web_set_table?(table: number, data: Pointer, size: number): number;
}

/** VeneerStatus. */
export const Status = { OK: 0, FAILED: 1, NO_MEMORY: 2, MISUSE: 3 } as const;

const decoder = new TextDecoder();

export class Engine {
  readonly exports: Exports;
  readonly #address: string;

  private constructor(instance: WebAssembly.Instance, address: string) {
    this.exports = instance.exports as unknown as Exports;
    this.#address = address;
    this.exports._initialize?.();
  }

  /** `address`: where the module came from, beside which its tables are. */
  static async start(module: WebAssembly.Module, address: string): Promise<Engine> {
    return new Engine(await WebAssembly.instantiate(module), address);
  }

  /** Whether the module has come without its tables, of which a picture needs few. */
  get hasTablesApart(): boolean {
    return this.exports.veneer_web_lacking_tables !== undefined;
  }

  /** Whether a decoder has failed, as if memory were missing, because a table was not there. */
  get lacksTables(): boolean {
    return (this.exports.veneer_web_lacking_tables?.() ?? 0) !== 0;
  }

  /** Fetches what decoders have lacked. Throws VeneerError of ENGINE_FAILED. */
  async fetchTables(): Promise<void> {
    const lacking = this.exports.veneer_web_lacking_tables?.() ?? 0;
    const tables = Array.from({ length: 32 }, (_, table) => table).filter((table) => (lacking >>> table) & 1);
    await Promise.all(tables.map((table) => this.#fetchTable(table)));
  }

  async #fetchTable(table: number): Promise<void> {
    const data = await fetchPart(new URL(`table-${table}.bin`, this.#address).href, async (response) =>
      new Uint8Array(await response.arrayBuffer()),
    );
    const set = (block: Pointer): number => this.exports.veneer_web_set_table?.(table, block, data.length) ?? 0;
    if (this.withBlock(data.length, set, data) === Status.OK) return;
    throw new VeneerError(Code.ENGINE_FAILED, `table ${table} is not of the same build as the decoder`);
  }

  /** Bytes that the memory has. It never shrinks. */
  get size(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** A view of the memory, until the next call that may take memory. */
  get view(): DataView {
    return new DataView(this.exports.memory.buffer);
  }

  /** The same as bytes. */
  bytes(at: Pointer, size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer, at, size);
  }

  /** Throws VeneerError of NO_MEMORY where there is none. */
  allocate(size: number): Pointer {
    const block = this.exports.malloc(Math.max(size, 1));
    if (block === 0) throw new VeneerError(Code.NO_MEMORY, "not enough memory");
    return block;
  }

  /** Runs `work` with a block for its time, filled with `content` if that is given. */
  withBlock<T>(size: number, work: (block: Pointer) => T, content?: Uint8Array): T {
    const block = this.allocate(size);
    try {
      if (content !== undefined) this.bytes(block, size).set(content);
      return work(block);
    } finally {
      this.exports.free(block);
    }
  }

  /** A copy of what a VeneerBytes at `at` refers to; null where it has nothing. */
  bytesAt(at: Pointer): Uint8Array | null {
    const { view } = this;
    const data = view.getUint32(at + layout.VeneerBytes.data, true);
    return data === 0 ? null : this.bytes(data, view.getUint32(at + layout.VeneerBytes.size, true)).slice();
  }

  /** The VeneerProblem at `at`. */
  problemAt(at: Pointer): Problem {
    const { view } = this;
    const offset = view.getBigInt64(at + layout.VeneerProblem.offset, true);
    const text = this.bytes(at + layout.VeneerProblem.message, MESSAGE_SIZE);
    return {
      code: view.getInt32(at + layout.VeneerProblem.code, true),
      offset: offset < 0n ? null : Number(offset),
      message: decoder.decode(text.slice(0, text.indexOf(0))),
    };
  }
}

const MESSAGE_SIZE = 240;

/** Fetches and compiles the module; throws VeneerError of ENGINE_FAILED. */
export function compile(url: string): Promise<WebAssembly.Module> {
  return fetchPart(url, async (response) => {
    const type = response.headers.get("content-type") ?? "";
    // Servers that do not know the type still have the bytes.
    if (!type.startsWith("application/wasm")) return await WebAssembly.compile(await response.arrayBuffer());
    return await WebAssembly.compileStreaming(response);
  });
}

/** A part of the decoder; throws VeneerError of ENGINE_FAILED where it cannot be had or used. */
async function fetchPart<T>(url: string, use: (response: Response) => Promise<T>): Promise<T> {
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    return await use(response);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VeneerError(Code.ENGINE_FAILED, `the decoder cannot be loaded: ${why}`);
  }
}
