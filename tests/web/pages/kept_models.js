/** Decodes twice with new workers, so that the second time has nothing but the browser's Cache. */
import { configure, decode } from "/veneer.js";

export default async function ({ url, models }) {
  await caches.delete("veneer-models-2");
  const results = [];
  for (let i = 0; i < 2; ++i) {
    configure({ workers: 1 });
    results.push((await decode(url, { models })).enhanced);
  }
  configure({ workers: 4 });
  return results;
}
