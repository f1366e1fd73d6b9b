/** The outcome of each vector: the hash of its picture or JPEG, or the number of the error. */
import { decodeJpeg, decodeSamples, VeneerError } from "/veneer.js";
import { pixelHash, sha256 } from "./hash.js";

const AT_A_TIME = 6;

export default async function ({ vectors, models }) {
  const outcomes = [];
  let next = 0;
  const work = async () => {
    while (next < vectors.length) {
      const index = next++;
      outcomes[index] = await outcome(vectors[index], models);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return outcomes;
}

async function outcome({ name, options }, models) {
  const bytes = new Uint8Array(await (await fetch(`/vectors/${name}`)).arrayBuffer());
  try {
    if (options.output === "jpeg") return await sha256(await decodeJpeg(bytes));
    const wanted = "realism" in options ? { realism: Number(options.realism) } : {};
    const { samples } = await decodeSamples(bytes, { layers: options.layers ?? "full", ...wanted, strict: true, models });
    return await pixelHash(samples);
  } catch (error) {
    if (error instanceof VeneerError) return String(error.code);
    throw error;
  }
}
