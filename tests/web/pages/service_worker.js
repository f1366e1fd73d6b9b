/** Plain images in a frame under the service worker: their pixels, by way of a canvas. */
import { enableImages } from "/veneer.js";

export default async function ({ settings, srcs }) {
  const main = document.querySelector("main");
  const frame = document.createElement("iframe");
  frame.src = "/pages/plain_images.html";
  main.append(frame);
  await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  await enableImages(`/veneer-sw.js?${settings}`);
  frame.contentWindow.location.reload();
  await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  const images = [frame.contentDocument.getElementById("early")];
  const results = { early: read(images[0]) };
  for (const src of srcs) {
    const image = await loaded(frame, src);
    results[src] = image.naturalWidth > 0 ? read(image) : { event: "error" };
  }
  const foreign = await loaded(frame, `http://localhost:${location.port}/files/base.vnr`);
  results.foreign = [foreign.naturalWidth, foreign.naturalHeight]; // its pixels are not for scripts
  const response = await frame.contentWindow.fetch("/files/base.vnr"); // not for a picture
  results.bytes = (await response.arrayBuffer()).byteLength;
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  return results;
}

/** An image when its event `load` or `error` has come. */
async function loaded(frame, src) {
  const image = frame.contentDocument.createElement("img");
  image.src = src;
  await new Promise((resolve) => ["load", "error"].forEach((name) => image.addEventListener(name, resolve)));
  return image;
}

function read(image) {
  const canvas = new OffscreenCanvas(Math.max(1, image.naturalWidth), Math.max(1, image.naturalHeight));
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return { size: [image.naturalWidth, image.naturalHeight], pixels: [...context.getImageData(0, 0, canvas.width, canvas.height).data] };
}
