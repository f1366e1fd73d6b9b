/** Times in milliseconds of decoding a file again and again. */
import { configure, decode } from "/veneer.js";

export default async function ({ url, options, times }) {
  const bytes = await (await fetch(url)).arrayBuffer();
  configure({ workers: 1 });
  const found = [];
  for (let i = 0; i < times; ++i) {
    const start = performance.now();
    await decode(bytes, options);
    found.push(performance.now() - start);
  }
  configure({ workers: 4 });
  return found;
}
