/** From samples in the memory of the module to what callers get. */
import type { ImageInMemory } from "./decoding.js";
import type { Engine } from "./engine.js";
import type { Region, Samples } from "./types.js";

/** What an ImageData is made of: 8 bits, RGBA, alpha not multiplied in. Can be sent between threads. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

const OPAQUE = 0xff000000;
const LINEAR = 8; // Transfer_Characteristics of ITU-T H.273

/** A part of an image for the screen. Half floats of linear light get the curve of sRGB; deeper samples are rounded. */
export function toRgba(engine: Engine, image: ImageInMemory, part: Region, transfer: number): Rgba {
  const pixels = new Uint32Array(part.width * part.height);
  const toByte = image.bytesPerSample === 1 && image.bitDepth === 8 ? null : byteTable(image, transfer);
  for (let y = 0; y < part.height; ++y) {
    const samples = rowOf(engine, image, part, y);
    const row = pixels.subarray(y * part.width, (y + 1) * part.width);
    if (toByte === null) packRow(samples, image.channels, row);
    else packRow(samples.map((sample) => toByte[sample] ?? 255) as Uint8Array, image.channels, row);
  }
  return { width: part.width, height: part.height, data: new Uint8ClampedArray(pixels.buffer) };
}

/** The samples of a whole image. */
export function toSamples(engine: Engine, image: ImageInMemory): Samples {
  const { width, height, channels, bitDepth, bytesPerSample } = image;
  const size = width * channels;
  const data = bytesPerSample === 1 ? new Uint8Array(size * height) : new Uint16Array(size * height);
  for (let y = 0; y < height; ++y) data.set(rowOf(engine, image, { x: 0, y: 0, width, height }, y), y * size);
  return { width, height, channels, bitDepth, data };
}

function rowOf(engine: Engine, image: ImageInMemory, part: Region, y: number): Uint8Array | Uint16Array {
  const at = image.pixels + (part.y + y) * image.stride + part.x * image.channels * image.bytesPerSample;
  const count = part.width * image.channels;
  return image.bytesPerSample === 1
    ? engine.bytes(at, count)
    : new Uint16Array(engine.exports.memory.buffer, at, count);
}

// Pixels are written as numbers of 32 bits, which takes a third of the time of four bytes. WebAssembly, and so every
// machine that comes this far, has the lower byte first.
function packRow(samples: Uint8Array | Uint16Array, channels: number, row: Uint32Array): void {
  const sample = (at: number): number => samples[at] as number;
  if (channels === 1) for (let x = 0; x < row.length; ++x) row[x] = OPAQUE | (sample(x) * 0x010101);
  else if (channels === 2)
    for (let x = 0, i = 0; x < row.length; ++x, i += 2) row[x] = (sample(i + 1) << 24) | (sample(i) * 0x010101);
  else if (channels === 3)
    for (let x = 0, i = 0; x < row.length; ++x, i += 3)
      row[x] = OPAQUE | (sample(i + 2) << 16) | (sample(i + 1) << 8) | sample(i);
  else
    for (let x = 0, i = 0; x < row.length; ++x, i += 4)
      row[x] = (sample(i + 3) << 24) | (sample(i + 2) << 16) | (sample(i + 1) << 8) | sample(i);
}

/** The byte for every sample that there can be. */
function byteTable(image: ImageInMemory, transfer: number): Uint8Array {
  const most = 2 ** image.bitDepth - 1;
  if (!image.isHalf) return Uint8Array.from({ length: most + 1 }, (_, sample) => Math.round((sample * 255) / most));
  return Uint8Array.from({ length: 1 << 16 }, (_, bits) => {
    const light = halfFloat(bits);
    if (!(light > 0)) return 0; // NaN too
    return Math.round(255 * Math.min(1, transfer === LINEAR ? srgbCurve(Math.min(1, light)) : light));
  });
}

/** The value of binary16 of IEEE 754. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** IEC 61966-2-1, of 0..1. */
function srgbCurve(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}
