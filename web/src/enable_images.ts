/** Turns on the service worker for plain `<img src="x.vnr">`. */
import { Code, VeneerError } from "./errors.js";

/**
 * Registers the service worker, and loads again the pictures that were asked for before it was there.
 *
 * @param script address of `veneer-sw.js` with its settings. It has power over pages in its own folder and below.
 * Throws VeneerError of ENGINE_FAILED where the browser has no service workers, or refuses this one.
 */
export async function enableImages(script: string | URL): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    throw new VeneerError(Code.ENGINE_FAILED, "there are no service workers here; they need https, or localhost");
  }
  const url = new URL(script, document.baseURI).href;
  try {
    await control(await navigator.serviceWorker.register(url), url);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VeneerError(Code.ENGINE_FAILED, `the service worker is refused: ${why}`);
  }
  for (const image of document.images) {
    if (/\.vnr(?:[?#]|$)/i.test(image.currentSrc || image.src) && !(image.complete && image.naturalWidth > 0)) {
      image.src = image.src; // asks again
    }
  }
}

/** Waits until a registration's newest worker, of this address, answers for the page. */
async function control(registration: ServiceWorkerRegistration, url: string): Promise<void> {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  const { serviceWorker } = navigator;
  const isControlled = (): boolean => serviceWorker.controller?.scriptURL === url;
  while (!isControlled() || serviceWorker.controller !== worker) {
    if (worker === null || worker.state === "redundant") throw new Error("it stopped while it was installed");
    const changed = new Promise<void>((resolve) => {
      serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
      worker.addEventListener("statechange", () => resolve(), { once: true });
    });
    // A page that was loaded past its worker, by Shift and Reload, is not under it before the worker says so again.
    if (worker.state === "activated") worker.postMessage("claim");
    await changed;
  }
}
