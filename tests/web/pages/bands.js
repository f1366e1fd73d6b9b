/**
 * Every file twice: decoded by one worker, and in bands by several. Outcomes are hashes of pixels with what is wrong, or
 * the numbers of errors; `shared` says whether there were bands.
 */
import { configure, decode, decodeSamples, VeneerError } from "/veneer.js";
import { pixelHash } from "./hash.js";

const WORKERS = 3;

export default async function ({ files, models }) {
  configure({ workers: WORKERS, pixelsPerWorker: 1 });
  const post = Worker.prototype.postMessage;
  let shared = 0;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.type === "narrow") ++shared;
    post.call(this, message, ...rest);
  };
  try {
    const outcomes = [];
    for (const { name, options } of files) {
      const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
      const found = { one: await outcome(bytes, { ...options, models, threads: 1 }) };
      const before = shared;
      found.several = await outcome(bytes, { ...options, models });
      found.shared = shared > before;
      found.strict = await outcome(bytes, { ...options, models, strict: true });
      found.shown = await outcomeWithUpdates(bytes, { ...options, models });
      outcomes.push(found);
    }
    return outcomes;
  } finally {
    Worker.prototype.postMessage = post;
    configure({ workers: 4, pixelsPerWorker: undefined });
  }
}

async function outcome(bytes, options) {
  return await caught(async () => {
    const { samples, problems, enhanced } = await decodeSamples(bytes, options);
    return { hash: await pixelHash(samples), problems: problems.map(told), enhanced };
  });
}

/** The picture for the screen, whose steps are looked at: bands of 8 bits. */
async function outcomeWithUpdates(bytes, options) {
  return await caught(async () => {
    const stages = [];
    const onUpdate = ({ stage }) => stages.push(stage);
    const { image, problems } = await decode(bytes, { ...options, onUpdate });
    const { image: whole } = await decode(bytes, { ...options, threads: 1 });
    const isEqual = image.data.length === whole.data.length && image.data.every((byte, i) => byte === whole.data[i]);
    return { isEqual, problems: problems.map(told), stages: [...new Set(stages)] };
  });
}

async function caught(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VeneerError) return { error: error.code };
    throw error;
  }
}

function told({ code, offset, message }) {
  return `${code} ${offset} ${message}`;
}
