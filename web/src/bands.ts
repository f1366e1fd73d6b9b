/** Bands of one picture, each for a worker of its own; and the picture that they make together. */
import type { Rgba } from "./samples.js";
import type { Info, Region, Samples } from "./types.js";

/** What the headers say of a picture, as far as its bands depend on it. */
export interface Head extends Pick<Info, "width" | "height" | "tileSize" | "baseKind"> {
  /** Whether networks make the final picture. */
  readonly isEnhanced: boolean;
}

/** Pixels that a worker must get at least, so that it gains more than it costs: some 30 ms of work. */
const LEAST_PIXELS = { transform: 1 << 20, modular: 1 << 17, jpeg: 1 << 17, enhanced: 1 << 17 } as const;
/** Rows or columns to which bands of enhanced pictures are aligned; any number gives the same pixels. */
const ENHANCED_STEP = 16;
/** About how many rows or columns beyond its band a worker must compute at a cut: as far as the networks see. Measured
 *  with model 7: 128, with texture 190. */
const MARGIN = 160;
/** One more worker must make the work shorter by this. */
const LEAST_GAIN = 0.15;

/**
 * Bands of `region`, at most `most`, and one where more would not pay. `least`: pixels of a band; null: as many as pay.
 *
 * A tile is decoded from its beginning, so that bands of a base layer are whole rows of tiles. Enhancement takes so much
 * longer that a tile may be decoded by several workers. Its cuts are across the longer side, where they are shortest.
 */
export function bandsOf(head: Head, region: Region, most: number, least: number | null): Region[] {
  const { width, height } = region;
  const pays = LEAST_PIXELS[head.isEnhanced ? "enhanced" : head.baseKind];
  const count = Math.min(most, Math.floor((width * height) / (least ?? pays)));
  if (!head.isEnhanced) return inRows(region, cutsOf(region.y, height, head.tileSize, count, 0));
  const length = Math.max(width, height);
  const margin = least === null ? MARGIN : 0;
  const paying = least === null ? payingCount(length, count) : count;
  if (width > height) return inColumns(region, cutsOf(region.x, width, ENHANCED_STEP, paying, margin));
  return inRows(region, cutsOf(region.y, height, ENHANCED_STEP, paying, margin));
}

/** How many workers pay for an enhanced picture, at most `most`. */
function payingCount(length: number, most: number): number {
  let count = 1;
  while (count < most && workOf(length, count + 1) <= (1 - LEAST_GAIN) * workOf(length, count)) ++count;
  return count;
}

/** Rows or columns that each of `count` workers computes. */
function workOf(length: number, count: number): number {
  return (length + 2 * MARGIN * (count - 1)) / count;
}

/** Where a picture is cut, its beginning and end included: multiples of `step`. Bands at the ends, which have one cut
 *  instead of two, are longer by `margin`. */
function cutsOf(start: number, length: number, step: number, count: number, margin: number): number[] {
  const inner = (length - 2 * margin) / count;
  const cuts = [start];
  for (let i = 1; i < count; ++i) {
    const cut = Math.round((start + margin + i * inner) / step) * step;
    if (cut > (cuts.at(-1) as number) && cut < start + length) cuts.push(cut);
  }
  return [...cuts, start + length];
}

function inRows(region: Region, cuts: readonly number[]): Region[] {
  return pairs(cuts).map(([y, end]) => ({ ...region, y, height: end - y }));
}

function inColumns(region: Region, cuts: readonly number[]): Region[] {
  return pairs(cuts).map(([x, end]) => ({ ...region, x, width: end - x }));
}

function pairs(values: readonly number[]): (readonly [number, number])[] {
  return values.slice(1).map((value, i) => [values[i] as number, value]);
}

/** A picture whose bands come in any order. */
export class Sheet {
  readonly #region: Region;
  #content: Rgba | Samples | null = null;

  constructor(region: Region) {
    this.#region = region;
  }

  /** Takes a band of the region, whose own memory is given back. */
  put(band: Region, content: Rgba | Samples): void {
    this.#copy(band, content);
    release(content.data.buffer as ArrayBuffer);
  }

  #copy(band: Region, content: Rgba | Samples): void {
    this.#content ??= emptyOf(content, this.#region);
    const { data } = content;
    const channels = data.length / (band.width * band.height);
    const at = ((band.y - this.#region.y) * this.#region.width + band.x - this.#region.x) * channels;
    if (band.width === this.#region.width) {
      this.#content.data.set(data, at);
      return;
    }
    const rowSize = band.width * channels;
    for (let y = 0; y < band.height; ++y) {
      const row = data.subarray(y * rowSize, (y + 1) * rowSize);
      this.#content.data.set(row, at + y * this.#region.width * channels);
    }
  }

  /** The picture, when all bands have come; null before the first. */
  get content(): Rgba | Samples | null {
    return this.#content;
  }
}

/** Gives memory back at once, where the browser can; else it is collected later, and large pictures take more of it. */
function release(buffer: ArrayBuffer & { transfer?: (size: number) => ArrayBuffer }): void {
  buffer.transfer?.(0);
}

function emptyOf(content: Rgba | Samples, { width, height }: Region): Rgba | Samples {
  const size = (content.data.length / (content.width * content.height)) * width * height;
  if (content.data instanceof Uint8ClampedArray) return { width, height, data: new Uint8ClampedArray(size) };
  const data = content.data instanceof Uint16Array ? new Uint16Array(size) : new Uint8Array(size);
  return { ...(content as Samples), width, height, data };
}
