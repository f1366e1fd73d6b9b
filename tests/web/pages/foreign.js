/** Decodes with all parts of the package from another origin. */
import { configure, decode } from "/veneer.js";

export default async function ({ url, model }) {
  const foreign = `http://localhost:${location.port}`;
  configure({ worker: `${foreign}/veneer-worker.js`, module: `${foreign}/veneer.wasm` });
  const models = Object.fromEntries(Object.entries(model).map(([name, place]) => [name, `${foreign}${place}`]));
  const { enhanced, image, problems } = await decode(`${foreign}${url}`, { models });
  configure({ worker: "/veneer-worker.js", module: "/veneer.wasm" });
  return { enhanced, size: [image.width, image.height], problems };
}
