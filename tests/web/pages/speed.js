/**
 * Decodes a file again and again with at most so many workers, which are kept from call to call. Gives the least time in
 * milliseconds, what the last picture was, and how many workers had a part of it.
 */
import { configure, decode } from "/veneer.js";

let kept = 0;

export default async function ({ url, options, times, workers }) {
  if (workers !== kept) configure({ workers });
  kept = workers;
  const bytes = await (await fetch(url)).arrayBuffer();
  const started = new Set();
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.type === "start") started.add(this);
    post.call(this, message, ...rest);
  };
  try {
    const found = [];
    let picture;
    for (let i = 0; i < times; ++i) {
      const start = performance.now();
      picture = await decode(bytes, options);
      found.push(performance.now() - start);
    }
    const { problems, enhanced } = picture;
    return { least: Math.min(...found), problems, enhanced, workers: started.size };
  } finally {
    Worker.prototype.postMessage = post;
  }
}
