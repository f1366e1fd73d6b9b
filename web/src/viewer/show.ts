/** Shows a file on a canvas: a Veneer file step by step, any other picture as the browser reads it. */
import { Painter, shownSize, decode } from "../index.js";
import type { DecodeOptions, Picture, Update } from "../index.js";

const SIGNATURE = [0x8b, 0x56, 0x4e, 0x52]; // the first bytes of a Veneer file; docs/format.md, "Signature"

export interface Shown {
  readonly width: number;
  readonly height: number;
  /** Of a Veneer file. */
  readonly picture: Picture | null;
  /** Milliseconds on the clock. */
  readonly time: number;
}

/** Whether bytes are a Veneer file, by their beginning, or were one, by their name. */
export function isVeneer(bytes: Uint8Array, name: string): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte) || /\.vnr$/i.test(name);
}

/** Throws VeneerError, the reason of the signal in `options`, or an Error where the browser reads no such picture. */
export async function show(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  canvas: HTMLCanvasElement,
  options: DecodeOptions,
  onStep: (stage: string, width: number, height: number) => void,
): Promise<Shown> {
  const start = performance.now();
  if (!isVeneer(bytes, name)) return { ...(await showOther(bytes, canvas)), picture: null, time: performance.now() - start };
  const painter = new Painter(canvas);
  let painted = Promise.resolve();
  const onUpdate = (update: Update): void => {
    const [width, height] = shownSize(update.info);
    painted = painter.show(update);
    painted.catch(() => undefined); // that of the picture is waited for
    onStep(update.stage, width, height);
  };
  const picture = await decode(bytes, { ...options, onUpdate });
  await painted;
  const [width, height] = shownSize(picture.info);
  return { width, height, picture, time: performance.now() - start };
}

async function showOther(
  bytes: Uint8Array<ArrayBuffer>,
  canvas: HTMLCanvasElement,
): Promise<{ width: number; height: number }> {
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => {
    throw new Error("this browser cannot read the picture");
  });
  const { width, height } = bitmap;
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height };
}
