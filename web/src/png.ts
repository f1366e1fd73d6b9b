/**
 * A PNG of decoded pixels: without loss, of all depths, with the colours that the file names, turned as its Exif says.
 *
 * Its data are stored, not compressed: it is made to be shown at once by the same browser, and so takes a checksum and
 * a copy for each byte. Source: PNG (third edition), 5, 11; RFC 1950; RFC 1951, 3.2.4.
 */
import { halfFloat } from "./samples.js";
import type { Info, Samples } from "./types.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const COLOUR_TYPES = [0, 0, 4, 2, 6]; // by the number of channels
const MOST_STORED = 65535; // bytes of a stored block
const UNSPECIFIED = 2; // of ITU-T H.273
const SRGB = { primaries: 1, transfer: 13 };

/** The file as pieces for a Blob or a Response. */
export async function toPng(picture: Samples, info: Info): Promise<Uint8Array<ArrayBuffer>[]> {
  const samples = turned(info.sampleFormat === "half-floats" ? clipped(picture) : picture, info.orientation);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, samples.width);
  view.setUint32(4, samples.height);
  header[8] = samples.bitDepth > 8 ? 16 : 8;
  header[9] = COLOUR_TYPES[samples.channels] ?? 2;
  return [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...(await colourChunks(info)),
    chunk("IDAT", stored(filtered(samples))),
    chunk("IEND", new Uint8Array()),
  ];
}

/** The colour space: an ICC profile, or codes; none of sRGB, which a PNG without them means. */
async function colourChunks({ icc, cicp, channels }: Info): Promise<Uint8Array<ArrayBuffer>[]> {
  if (icc !== null) return [chunk("iCCP", await profile(icc))];
  const isSrgb = cicp.primaries === SRGB.primaries && cicp.transfer === SRGB.transfer;
  if (channels < 3 || isSrgb || cicp.primaries === UNSPECIFIED || cicp.transfer === UNSPECIFIED) return [];
  return [chunk("cICP", Uint8Array.of(cicp.primaries, cicp.transfer, 0, Number(cicp.fullRange)))];
}

async function profile(icc: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const name = [0x69, 0x63, 0x63, 0, 0]; // "icc", its end, method 0
  const packed = new Blob([icc.slice()]).stream().pipeThrough(new CompressionStream("deflate"));
  const data = new Uint8Array(await new Response(packed).arrayBuffer());
  const all = new Uint8Array(name.length + data.length);
  all.set(name);
  all.set(data, name.length);
  return all;
}

/** Rows with their filter, which is none; samples of 16 bits with the upper byte first, spread over the whole range. */
function filtered({ width, height, channels, bitDepth, data }: Samples): Uint8Array {
  const count = width * channels;
  const size = data instanceof Uint8Array ? count : 2 * count;
  const rows = new Uint8Array((size + 1) * height);
  const most = 2 ** bitDepth - 1;
  const table = deepTable(data, bitDepth);
  for (let y = 0; y < height; ++y) {
    const row = data.subarray(y * count, (y + 1) * count);
    const at = y * (size + 1) + 1;
    if (row instanceof Uint8Array) {
      rows.set(bitDepth === 8 ? row : row.map((sample) => Math.round((sample * 255) / most)), at);
      continue;
    }
    for (let i = 0; i < count; ++i) {
      const sample = table[row[i] ?? 0] ?? 0;
      rows[at + 2 * i] = sample >> 8;
      rows[at + 2 * i + 1] = sample;
    }
  }
  return rows;
}

/** For each sample of 9 to 16 bits that of 16. */
function deepTable(data: Uint8Array | Uint16Array, bitDepth: number): Uint16Array {
  if (data instanceof Uint8Array) return new Uint16Array();
  const most = 2 ** bitDepth - 1;
  return Uint16Array.from({ length: most + 1 }, (_, sample) => Math.round((sample * 65535) / most));
}

/** Half floats as samples of 16 bits, 0..1 of them. */
function clipped(samples: Samples): Samples {
  const table = Uint16Array.from({ length: 1 << 16 }, (_, bits) => {
    const value = halfFloat(bits);
    return value > 0 ? Math.round(65535 * Math.min(1, value)) : 0;
  });
  return { ...samples, bitDepth: 16, data: Uint16Array.from(samples.data, (bits) => table[bits] ?? 0) };
}

/** A picture as it is to be seen. */
export function turned(samples: Samples, orientation: number): Samples {
  if (orientation === 1) return samples;
  const { width, height, channels, data } = samples;
  const [isSwapped, isFlippedX, isFlippedY] = turnOf(orientation);
  const [columns, rows] = isSwapped ? [height, width] : [width, height];
  const result = data instanceof Uint8Array ? new Uint8Array(data.length) : new Uint16Array(data.length);
  let at = 0;
  for (let y = 0; y < rows; ++y) {
    for (let x = 0; x < columns; ++x) {
      const [u, v] = isSwapped ? [y, x] : [x, y]; // of the source, but for mirrors
      const from = ((isFlippedY ? height - 1 - v : v) * width + (isFlippedX ? width - 1 - u : u)) * channels;
      for (let c = 0; c < channels; ++c) result[at++] = data[from + c] ?? 0;
    }
  }
  return { ...samples, width: columns, height: rows, data: result };
}

/** An orientation of Exif: whether rows become columns, and which axes of the source are mirrored. */
export function turnOf(orientation: number): readonly [isSwapped: boolean, isFlippedX: boolean, isFlippedY: boolean] {
  return [orientation > 4, [2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)];
}

/** Data in the form of zlib, stored. */
function stored(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.max(1, Math.ceil(data.length / MOST_STORED));
  const all = new Uint8Array(2 + 5 * blocks + data.length + 4);
  all.set([0x78, 0x01]);
  let at = 2;
  for (let block = 0; block < blocks; ++block) {
    const piece = data.subarray(block * MOST_STORED, (block + 1) * MOST_STORED);
    const size = piece.length;
    all.set([Number(block === blocks - 1), size & 255, size >> 8, ~size & 255, (~size >> 8) & 255], at);
    all.set(piece, at + 5);
    at += 5 + size;
  }
  new DataView(all.buffer).setUint32(at, adler32(data));
  return all;
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(data.length + 12);
  const view = new DataView(all.buffer);
  view.setUint32(0, data.length);
  [...type].forEach((letter, i) => (all[4 + i] = letter.charCodeAt(0)));
  all.set(data, 8);
  view.setUint32(data.length + 8, crc32(all.subarray(4, data.length + 8)));
  return all;
}

const ADLER_PRIME = 65521;
const MOST_SUMS = 5552; // bytes for which sums stay below 2^32; RFC 1950, 9

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < data.length; start += MOST_SUMS) {
    const end = Math.min(start + MOST_SUMS, data.length);
    for (let i = start; i < end; ++i) {
      a += data[i] as number;
      b += a;
    }
    a %= ADLER_PRIME;
    b %= ADLER_PRIME;
  }
  return ((b << 16) | a) >>> 0;
}

// Table k has the checksum of a byte that is followed by k bytes of 0, so that four bytes take one step.
const CRC_0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});
const CRC_1 = CRC_0.map(withZero);
const CRC_2 = CRC_1.map(withZero);
const CRC_3 = CRC_2.map(withZero);

function withZero(value: number): number {
  return (value >>> 8) ^ (CRC_0[value & 255] as number);
}

/** Source: PNG (third edition), annex D. */
function crc32(data: Uint8Array): number {
  let crc = -1;
  let i = 0;
  const byte = (at: number): number => data[at] as number;
  for (; i + 4 <= data.length; i += 4) {
    crc ^= byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    crc =
      (CRC_3[crc & 255] as number) ^
      (CRC_2[(crc >>> 8) & 255] as number) ^
      (CRC_1[(crc >>> 16) & 255] as number) ^
      (CRC_0[crc >>> 24] as number);
  }
  for (; i < data.length; ++i) crc = (crc >>> 8) ^ (CRC_0[(crc ^ byte(i)) & 255] as number);
  return ~crc >>> 0;
}
