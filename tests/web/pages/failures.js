/** What goes wrong, by what was asked for: kind and code of the error. */
import { configure, decode, VeneerError } from "/veneer.js";

export default async function ({ url, cut, enhanced }) {
  const cases = {
    "no file": ["/files/none.vnr"],
    "no veneer": ["/pages/runner.html"],
    "nothing": [new Uint8Array()],
    "too large": [url, { maxPixels: 10 }],
    "no region": [url, { region: { x: 0, y: 0, width: 10_000, height: 1 } }],
    "half a region": [url, { region: { x: 0.5, y: 0, width: 1, height: 1 } }],
    "realism": [url, { realism: 2 }],
    "layers": [url, { layers: "all" }],
    "strict cut": [cut, { strict: true }],
    "strict model": [enhanced, { strict: true, models: "/files/" }],
    "no address": [url, { models: "http://[" }],
    "own function": [url, { onUpdate: () => { throw new TypeError("mine"); } }],
  };
  const outcomes = {};
  for (const [name, [source, options]] of Object.entries(cases)) {
    outcomes[name] = await decode(source, options ?? {}).then(
      () => "a picture",
      (error) => (error instanceof VeneerError ? `${error.kind} ${error.code}` : `${error.name}: ${error.message}`),
    );
  }
  const damaged = await decode(cut, { models: null });
  outcomes["cut"] = damaged.problems.map(({ code }) => code);
  const without = await decode(enhanced, { models: "/files/" });
  outcomes["without model"] = [without.enhanced, without.problems.map(({ code }) => code)];
  outcomes["aborted"] = await aborted(url);
  outcomes["after all"] = (await decode(url)).image.width;
  configure({ module: "/files/none.wasm" });
  outcomes["no module"] = await decode(url).then(() => "a picture", (error) => `${error.kind} ${error.code}`);
  configure({ module: "/veneer.wasm", worker: "/files/none.js" });
  outcomes["no worker"] = await decode(url).then(() => "a picture", (error) => `${error.kind} ${error.code}`);
  configure({ worker: "/veneer-worker.js" });
  return outcomes;
}

async function aborted(url) {
  const results = [];
  for (const when of ["before", "info", "later"]) {
    const controller = new AbortController();
    const stop = () => controller.abort(new DOMException("enough", "AbortError"));
    if (when === "before") stop();
    const onUpdate = ({ stage }) => when === stage && stop();
    const work = decode(url, { signal: controller.signal, onUpdate });
    if (when === "later") setTimeout(stop, 1);
    results.push(await work.then(() => "a picture", (error) => error.message));
  }
  return results;
}
