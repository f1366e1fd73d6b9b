/** Bands that are given up at several times, and what is left afterwards. */
import { configure, decode, VeneerError } from "/veneer.js";

export default async function ({ url, models }) {
  configure({ workers: 3, pixelsPerWorker: 1 });
  const bytes = await (await fetch(url)).arrayBuffer();
  const post = Worker.prototype.postMessage;
  const end = Worker.prototype.terminate;
  const tasks = new Map(); // of each worker, those that have begun and were neither finished nor cancelled
  let crash = false;
  let atEnd = () => undefined; // called when a worker has all bytes
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message.type === "module") {
      tasks.set(this, new Set());
      this.addEventListener("message", ({ data }) => {
        if (data.type === "done" || data.type === "failed") tasks.get(this).delete(data.task);
      });
    }
    if (message.type === "start") tasks.get(this)?.add(message.task);
    if (message.type === "cancel") tasks.get(this)?.delete(message.task);
    post.call(this, message, ...rest);
    if (message.type === "end") atEnd();
    if (crash && message.type === "end") {
      crash = false;
      this.onerror({ message: "a crash" });
    }
  };
  Worker.prototype.terminate = function () {
    tasks.get(this)?.clear();
    end.call(this);
  };
  const found = {};
  try {
    found.aborted = [];
    for (const when of ["info", "base", "end"]) {
      const controller = new AbortController();
      const stop = () => controller.abort(new DOMException("enough", "AbortError"));
      const onUpdate = ({ stage }) => when === stage && stop();
      const work = decode(bytes, { models, signal: controller.signal, onUpdate });
      if (when === "end") atEnd = stop;
      found.aborted.push(await work.then(() => "a picture", (error) => error.message));
    }
    atEnd = () => undefined;
    const mine = ({ stage }) => {
      if (stage === "base") throw new TypeError("mine");
    };
    found.thrown = await decode(bytes, { models, onUpdate: mine }).catch((error) => `${error.name}: ${error.message}`);
    found["no threads"] = [];
    for (const threads of [0, 1.5, NaN]) {
      const told = await decode(bytes, { models, threads }).catch((error) => error);
      found["no threads"].push(told instanceof VeneerError ? `${told.kind} ${told.code}` : "a picture");
    }
    found["workers left"] = [...tasks.values()].reduce((sum, each) => sum + each.size, 0);
    const sizeOf = ({ image, enhanced }) => (enhanced ? [image.width, image.height] : null);
    found["after all"] = sizeOf(await decode(bytes, { models }));
    crash = true; // of a worker that has all bytes of its band
    found["after a crash"] = sizeOf(await decode(bytes, { models }));
  } finally {
    Worker.prototype.postMessage = post;
    Worker.prototype.terminate = end;
    configure({ workers: 4, pixelsPerWorker: undefined });
  }
  return found;
}
