/** A VeneerDecoder of the module: the calls of decode.h with values of JavaScript. */
import { Engine, Status, type Pointer } from "./engine.js";
import { Code, VeneerError, type Problem } from "./errors.js";
import { metadataOfJpeg, orientationOf, type JpegMetadata } from "./exif.js";
import { layout } from "./generated/layout.js";
import type { WeightFile } from "./models.js";
import type { Info, Layers, ModelReference, Region } from "./types.js";

/** Settings as they are sent between threads. */
export interface Settings {
  readonly layers: Layers;
  /** 0..1; null: of the file. */
  readonly realism: number | null;
  readonly region: Region | null;
  readonly maxPixels: number;
  readonly strict: boolean;
}

export const DEFAULT_MAX_PIXELS = 2 ** 28;

const LAYERS: Readonly<Record<Layers, number>> = { full: 0, base: 1, preview: 2 };
const FULL_REALISM = 64; // of the C interface, where 1 is that here
const REALISM_OF_FILE = -1;
const NAME_SIZE = 80; // of VeneerWeightFile, as the size of its hash
const HASH_SIZE = 32;
const ROLES = ["restores", "textures", "both"] as const;
const BASE_KINDS = ["transform", "modular", "jpeg"] as const;

/** VeneerEventKind. */
export const EventKind = { NONE: 0, INFO: 1, METADATA: 2, PREVIEW: 3, TILE: 4, PROBLEM: 5, PICTURE: 6 } as const;

export interface DecoderEvent {
  readonly kind: number;
  readonly region: Region;
}

/** An image in the memory of the module: valid until the next call. */
export interface ImageInMemory {
  readonly pixels: Pointer;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bytes from row to row. */
  readonly stride: number;
  readonly bytesPerSample: 1 | 2;
  readonly bitDepth: number;
  readonly isHalf: boolean;
}

const text = new TextDecoder();

function hexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Decoding {
  readonly #engine: Engine;
  readonly #decoder: Pointer;
  #jpegMetadata: JpegMetadata | null = null;

  /** Throws VeneerError where a setting is out of its range. To be destroyed. */
  constructor(engine: Engine, settings: Settings) {
    this.#engine = engine;
    this.#decoder = engine.exports.veneer_decoder_create(0, 0);
    if (this.#decoder === 0) throw new VeneerError(Code.NO_MEMORY, "not enough memory");
    try {
      this.#set(settings);
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  #set({ layers, realism, region, maxPixels, strict }: Settings): void {
    const { exports } = this.#engine;
    const own = this.#decoder;
    const steps = realism === null ? REALISM_OF_FILE : Math.round(realism * FULL_REALISM);
    const isShare = realism === null || (realism >= 0 && realism <= 1);
    expect(layers in LAYERS && exports.veneer_decoder_set_layers(own, LAYERS[layers]) === Status.OK, "layers");
    expect(isShare && exports.veneer_decoder_set_realism(own, steps) === Status.OK, "realism");
    expect(exports.veneer_decoder_set_strict(own, Number(strict)) === Status.OK, "strict");
    const isCount = Number.isSafeInteger(maxPixels);
    expect(isCount && exports.veneer_decoder_set_max_pixels(own, BigInt(maxPixels)) === Status.OK, "maxPixels");
    if (region === null) return;
    const sides = [region.x, region.y, region.width, region.height];
    const status = this.#engine.withBlock(layout.VeneerRect.sizeof, (block) => {
      sides.forEach((side, i) => this.#engine.view.setInt32(block + 4 * i, side, true));
      return exports.veneer_decoder_set_region(own, block);
    });
    const areWhole = sides.every((side) => Number.isInteger(side) && side < 2 ** 31);
    if (status !== Status.OK || !areWhole) throw new VeneerError(103, `${sides.join(",")} is no region of a picture`);
  }

  destroy(): void {
    this.#engine.exports.veneer_decoder_destroy(this.#decoder);
  }

  feed(bytes: Uint8Array): void {
    const feed = (block: Pointer): number =>
      this.#engine.exports.veneer_decoder_feed(this.#decoder, block, bytes.length);
    this.#check(this.#engine.withBlock(bytes.length, feed, bytes));
  }

  addModel(model: Pointer): void {
    this.#check(this.#engine.exports.veneer_decoder_add_model(this.#decoder, model));
  }

  addNetwork(network: Pointer): void {
    this.#check(this.#engine.exports.veneer_decoder_add_network(this.#decoder, network));
  }

  /** The weight files that the picture needs, of the models that were added, and has not been given. */
  needed(): WeightFile[] {
    const { exports } = this.#engine;
    const at = layout.VeneerWeightFile;
    return this.#engine.withBlock(at.sizeof, (block) =>
      Array.from({ length: exports.veneer_decoder_needed_count(this.#decoder) }, (_, i) => {
        this.#check(exports.veneer_decoder_needed(this.#decoder, i, block));
        const name = this.#engine.bytes(block + at.file_name, NAME_SIZE);
        const hash = this.#engine.bytes(block + at.sha256, HASH_SIZE);
        return { name: text.decode(name.slice(0, name.indexOf(0))), sha256: hexadecimal(hash) };
      }),
    );
  }

  finish(): void {
    this.#check(this.#engine.exports.veneer_decoder_finish(this.#decoder));
  }

  /** What has happened since the last call. */
  events(): DecoderEvent[] {
    return this.#engine.withBlock(layout.VeneerEvent.sizeof, (block) => {
      const found: DecoderEvent[] = [];
      for (;;) {
        this.#check(this.#engine.exports.veneer_decoder_next_event(this.#decoder, block));
        const { view } = this.#engine;
        const kind = view.getInt32(block + layout.VeneerEvent.kind, true);
        if (kind === EventKind.NONE) return found;
        const side = (i: number): number => view.getInt32(block + layout.VeneerEvent.region + 4 * i, true);
        found.push({ kind, region: { x: side(0), y: side(1), width: side(2), height: side(3) } });
      }
    });
  }

  /** The headers; null before they have come. */
  info(): Info | null {
    const { exports } = this.#engine;
    return this.#engine.withBlock(layout.VeneerInfo.sizeof, (block) =>
      exports.veneer_decoder_info(this.#decoder, block) === Status.OK ? this.#infoAt(block) : null,
    );
  }

  #infoAt(block: Pointer): Info {
    const engine = this.#engine;
    const at = layout.VeneerInfo;
    // A new view each time: other calls in between may let the memory grow, which ends all views.
    const number = (offset: number): number => engine.view.getInt32(block + offset, true);
    const unit = number(at.density_unit);
    const density = { x: number(at.density_x) >>> 0, y: number(at.density_y) >>> 0 };
    const baseKind = BASE_KINDS[number(at.base_kind)] ?? "transform";
    const exif = engine.bytesAt(block + at.exif);
    const icc = engine.bytesAt(block + at.icc);
    const ofJpeg = baseKind === "jpeg" ? this.#metadataOfJpeg() : null;
    const shown = exif ?? ofJpeg?.exif ?? null;
    return {
      formatVersion: number(at.format_version),
      width: number(at.width),
      height: number(at.height),
      channels: number(at.channels) as Info["channels"],
      bitDepth: number(at.bit_depth),
      sampleFormat: number(at.sample_format) === 1 ? "half-floats" : "integers",
      baseKind,
      cicp: {
        primaries: number(at.colour_primaries),
        transfer: number(at.transfer_characteristics),
        matrix: number(at.matrix_coefficients),
        fullRange: number(at.full_range) !== 0,
      },
      tileSize: number(at.tile_size),
      tileCount: number(at.tile_count),
      defaultRealism: number(at.default_realism),
      models: Array.from({ length: number(at.model_count) }, (_, i) => this.#modelAt(block + at.models, i)),
      orientation: orientationOf(shown),
      density: unit < 0 ? null : { unit: unit === 1 ? "metre" : "ratio", ...density },
      icc: icc ?? ofJpeg?.icc ?? null,
      exif: shown,
      xmp: engine.bytesAt(block + at.xmp),
      iptc: engine.bytesAt(block + at.iptc),
      texts: this.#texts(number(at.text_count)),
      hasGainMap: number(at.has_gain_map) !== 0,
    };
  }

  #modelAt(models: Pointer, index: number): ModelReference {
    const at = models + index * layout.VeneerModelReference.sizeof;
    const check = this.#engine.bytes(at + layout.VeneerModelReference.check, 4);
    return {
      id: this.#engine.view.getInt32(at + layout.VeneerModelReference.id, true),
      check: hexadecimal(check),
      role: ROLES[this.#engine.view.getInt32(at + layout.VeneerModelReference.role, true) - 1] ?? "both",
    };
  }

  #texts(count: number): (readonly [string, string])[] {
    const size = layout.VeneerBytes.sizeof;
    return this.#engine.withBlock(2 * size, (block) =>
      Array.from({ length: count }, (_, i) => {
        this.#check(this.#engine.exports.veneer_decoder_text(this.#decoder, i, block, block + size));
        const [keyword, content] = [this.#engine.bytesAt(block), this.#engine.bytesAt(block + size)];
        return [text.decode(keyword ?? new Uint8Array()), text.decode(content ?? new Uint8Array())] as const;
      }),
    );
  }

  /** Exif and profile of a kept JPEG, which are in its own markers; null before those have come. */
  #metadataOfJpeg(): JpegMetadata | null {
    if (this.#jpegMetadata !== null) return this.#jpegMetadata;
    const front = this.#collected((size) => this.#engine.exports.veneer_web_jpeg_front(this.#decoder, size));
    if (front !== null) this.#jpegMetadata = metadataOfJpeg(front);
    return this.#jpegMetadata;
  }

  /** The JPEG that the file keeps, to the byte; throws VeneerError where it keeps none. */
  jpeg(): Uint8Array<ArrayBuffer> {
    const found = this.#collected((size) => this.#engine.exports.veneer_web_jpeg(this.#decoder, size));
    if (found === null) throw VeneerError.of(this.#error());
    return found;
  }

  #collected(call: (size: Pointer) => Pointer): Uint8Array<ArrayBuffer> | null {
    return this.#engine.withBlock(4, (size) => {
      const data = call(size);
      if (data === 0) return null;
      const copy = this.#engine.bytes(data, this.#engine.view.getUint32(size, true)).slice();
      this.#engine.exports.free(data);
      return copy;
    });
  }

  /** The best picture so far, and the preview; null where there is none. */
  picture(): ImageInMemory | null {
    return this.#image((block) => this.#engine.exports.veneer_decoder_picture(this.#decoder, block));
  }

  preview(): ImageInMemory | null {
    return this.#image((block) => this.#engine.exports.veneer_decoder_preview(this.#decoder, block));
  }

  #image(call: (block: Pointer) => number): ImageInMemory | null {
    return this.#engine.withBlock(layout.VeneerImage.sizeof, (block) => {
      this.#check(call(block));
      const { view } = this.#engine;
      const at = layout.VeneerImage;
      const pixels = view.getUint32(block + at.pixels, true);
      if (pixels === 0) return null;
      const number = (offset: number): number => view.getInt32(block + offset, true);
      return {
        pixels,
        width: number(at.width),
        height: number(at.height),
        channels: number(at.channels),
        stride: number(at.stride),
        bytesPerSample: number(at.bytes_per_sample) as 1 | 2,
        bitDepth: number(at.bit_depth),
        isHalf: number(at.sample_format) === 1,
      };
    });
  }

  problems(): Problem[] {
    const { exports } = this.#engine;
    return this.#engine.withBlock(layout.VeneerProblem.sizeof, (block) =>
      Array.from({ length: exports.veneer_decoder_problem_count(this.#decoder) }, (_, i) => {
        this.#check(exports.veneer_decoder_problem(this.#decoder, i, block));
        return this.#engine.problemAt(block);
      }),
    );
  }

  #check(status: number): void {
    if (status === Status.OK) return;
    if (status === Status.FAILED) throw VeneerError.of(this.#error());
    if (status === Status.NO_MEMORY) throw new VeneerError(Code.NO_MEMORY, "not enough memory");
    throw new VeneerError(Code.ENGINE_FAILED, "the decoder was called at a wrong time");
  }

  #error(): Problem {
    return this.#engine.withBlock(layout.VeneerProblem.sizeof, (block) => {
      const status = this.#engine.exports.veneer_decoder_error(this.#decoder, block);
      if (status === Status.OK) return this.#engine.problemAt(block);
      return { code: Code.NO_MEMORY, offset: null, message: "not enough memory" };
    });
  }
}

function expect(isValid: boolean, setting: string): void {
  if (!isValid) throw new VeneerError(Code.BAD_SETTING, `${setting} is out of its range`);
}
