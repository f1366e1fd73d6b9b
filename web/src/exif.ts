/** The little of Exif and JPEG that is looked at: how a picture is to be turned, and where a JPEG has its metadata. */

const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_SIZE = 12;

/** 1..8; 1 where a TIFF structure says nothing sensible, or is damaged. Source: Exif 2.32, 4.6; TIFF 6.0, section 2. */
export function orientationOf(exif: Uint8Array | null): number {
  if (exif === null || exif.length < 8) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const mark = view.getUint32(0);
  if (mark !== 0x49492a00 && mark !== 0x4d4d002a) return 1;
  const little = mark === 0x49492a00;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; ++i) {
    const entry = directory + 2 + i * ENTRY_SIZE;
    if (entry + ENTRY_SIZE > exif.length) return 1;
    if (view.getUint16(entry, little) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, little);
    const isSound = view.getUint16(entry + 2, little) === SHORT && view.getUint32(entry + 4, little) === 1;
    return isSound && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

export interface JpegMetadata {
  readonly exif: Uint8Array | null;
  readonly icc: Uint8Array | null;
}

/** Exif and ICC profile of the markers before the first scan of a JPEG. Source: ITU-T T.81, B.1.1; ICC.1, B.4. */
export function metadataOfJpeg(front: Uint8Array): JpegMetadata {
  let exif: Uint8Array | null = null;
  const profile: Uint8Array[] = [];
  for (const [marker, payload] of segments(front)) {
    if (marker === 0xe1 && begins(payload, "Exif\0\0") && exif === null) exif = payload.slice(6);
    if (marker === 0xe2 && begins(payload, "ICC_PROFILE\0")) profile[payload[12] ?? 0] = payload.subarray(14);
  }
  const pieces = profile.filter((piece) => piece !== undefined);
  return { exif, icc: pieces.length > 0 ? joined(pieces) : null };
}

function* segments(front: Uint8Array): Generator<[marker: number, payload: Uint8Array]> {
  let at = 2;
  while (at + 4 <= front.length && front[at] === 0xff) {
    const marker = front[at + 1] ?? 0;
    if (marker === 0xff) {
      ++at; // a byte of filling
      continue;
    }
    if (marker === 0xda) return;
    const size = ((front[at + 2] ?? 0) << 8) | (front[at + 3] ?? 0);
    if (size < 2) return;
    yield [marker, front.subarray(at + 4, at + 2 + size)];
    at += 2 + size;
  }
}

function begins(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
