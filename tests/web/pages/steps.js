/** The stages of a file that comes slowly, each with its time in milliseconds; and the hash of the picture. */
import { decodeSamples, decodeUpdates } from "/veneer.js";
import { pixelHash } from "./hash.js";

export default async function ({ url, models, options = {} }) {
  const start = performance.now();
  const steps = [];
  let last;
  for await (const update of decodeUpdates(url, { ...options, models })) {
    const { stage } = update;
    const size = stage === "preview" || stage === "base" ? [update.image.width, update.image.height] : null;
    steps.push({ stage, size, time: performance.now() - start });
    last = update;
  }
  const { image, enhanced, problems } = last.picture;
  const { samples } = await decodeSamples(url, { ...options, models });
  return { steps, enhanced, problems, size: [image.width, image.height], hash: await pixelHash(samples) };
}
