/** The hash of one picture, from every kind of source. */
import { decodeJpeg, decodeSamples } from "/veneer.js";
import { pixelHash, sha256 } from "./hash.js";

const PIECE = 7;

export default async function ({ url, jpeg }) {
  const buffer = await (await fetch(url)).arrayBuffer();
  const bytes = new Uint8Array(buffer);
  const padded = new Uint8Array(bytes.length + 6);
  padded.set(bytes, 3);
  let at = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += PIECE)));
    },
  });
  const sources = {
    url,
    address: new URL(url, location.href),
    response: await fetch(url),
    blob: new Blob([bytes]),
    buffer,
    part: padded.subarray(3, 3 + bytes.length),
    stream,
  };
  const hashes = {};
  for (const [name, source] of Object.entries(sources)) {
    hashes[name] = await pixelHash((await decodeSamples(source, { models: null })).samples);
  }
  return { hashes, untouched: buffer.byteLength === bytes.length, jpeg: await sha256(await decodeJpeg(jpeg)) };
}
