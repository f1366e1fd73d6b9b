/** Decodes a large picture some times with new workers, at most so many. */
import { configure, decode } from "/veneer.js";

export default async function ({ url, times, threads }) {
  configure({ workers: 4 });
  const results = [];
  for (let i = 0; i < times; ++i) {
    const start = performance.now();
    const { image, problems } = await decode(url, { models: null, threads });
    const middle = 4 * (image.width * (image.height >> 1) + (image.width >> 1));
    results.push({ size: [image.width, image.height], problems: problems.length, time: performance.now() - start,
      pixel: [...image.data.subarray(middle, middle + 4)] });
  }
  return results;
}
