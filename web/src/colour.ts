/** Pictures whose colours a canvas does not have: the browser itself brings them to those of the screen, from a PNG. */
import { toPng } from "./png.js";
import type { DeepPicture, Info, Picture, Samples } from "./types.js";

const SRGB_LIKE = [2, 1]; // primaries of ITU-T H.273: unspecified, BT.709
const CURVES_OF_SRGB = [2, 1, 6, 13]; // unspecified, BT.709, BT.601, sRGB: shown alike everywhere

/** Whether an ImageData shows other colours than the file means. */
export function needsColourManagement({ cicp, icc }: Info): boolean {
  if (icc !== null) return true;
  const isP3 = cicp.primaries === 12 && cicp.transfer === 13;
  return !isP3 && !(SRGB_LIKE.includes(cicp.primaries) && CURVES_OF_SRGB.includes(cicp.transfer));
}

/** A PNG of a picture: without loss, with its colour space, turned as it is to be seen, not compressed. */
export async function toBlob(picture: Picture | DeepPicture): Promise<Blob> {
  const samples = "samples" in picture ? picture.samples : samplesOf(picture);
  const info: Info = "samples" in picture ? picture.info : { ...picture.info, sampleFormat: "integers" };
  return new Blob(await toPng(samples, info), { type: "image/png" });
}

/** The channels of the file, of RGBA: a profile of greys fits no other samples. */
function samplesOf({ image, info }: Picture): Samples {
  const { channels } = info;
  const { data, width, height } = image;
  const kept = ({ 1: [0], 2: [0, 3], 3: [0, 1, 2], 4: [0, 1, 2, 3] } as const)[channels];
  const samples = new Uint8Array(width * height * channels);
  for (let pixel = 0, at = 0; pixel < data.length; pixel += 4) {
    for (const channel of kept) samples[at++] = data[pixel + channel] as number;
  }
  return { width, height, channels, bitDepth: 8, data: samples };
}
