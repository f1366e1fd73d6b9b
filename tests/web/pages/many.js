/** A page of many pictures; all are shown, by few workers. */
import "/element.js";

export default async function ({ srcs }) {
  const main = document.querySelector("main");
  const elements = srcs.map((src) => Object.assign(document.createElement("veneer-img"), { src }));
  const done = elements.map(
    (element) => new Promise((resolve) => ["load", "error"].forEach((name) => element.addEventListener(name, () => resolve(name)))),
  );
  const start = performance.now();
  main.append(...elements);
  const events = await Promise.all(done);
  return { events, sizes: elements.map(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight]), time: performance.now() - start };
}
