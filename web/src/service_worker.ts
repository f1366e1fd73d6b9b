/**
 * The service worker: answers what `<img>`, CSS and `<picture>` ask for as .vnr with a PNG of the decoded pixels.
 *
 * Settings are in its address: `veneer-sw.js?layers=base&models=/models/&module=/veneer.wasm&maxPixels=268435456`.
 * It decodes itself, as a service worker cannot start others; so the default is the base layer, which takes some 30 ms
 * a megapixel.
 */
import { DEFAULT_MAX_PIXELS, type Settings } from "./decoding.js";
import { compile, Engine } from "./engine.js";
import { Code, problemOf, VeneerError } from "./errors.js";
import { ModelStore, type ModelPlaces } from "./models.js";
import { toPng } from "./png.js";
import { Session, type Result } from "./session.js";
import { MEDIA_TYPE, piecesOf } from "./source.js";
import type { Layers, Samples } from "./types.js";

interface Worker extends EventTarget {
  readonly location: { readonly href: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}

interface Asked extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
}

const worker = self as unknown as Worker;
const asked = new URL(worker.location.href).searchParams;
/** An instance that has grown to so many bytes is given up after its picture: its memory never shrinks. */
const MOST_KEPT_BYTES = 192 << 20;
const ANY_IMAGE = "image/*;q=0.9,*/*;q=0.8";
/** Longer values of a header are left out of requests without CORS. */
const MOST_ACCEPT = 128;

let module: Promise<WebAssembly.Module> | null = null;
let running: { readonly engine: Engine; readonly models: ModelStore } | null = null;
let turn: Promise<unknown> = Promise.resolve(); // one picture at a time

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => (event as Asked).waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  if ((event as MessageEvent).data === "claim") void worker.clients.claim();
});
worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Asked;
  if (request.destination !== "image" || !/\.vnr$/i.test(new URL(request.url).pathname)) return;
  respondWith.call(event, answer(request));
});

async function answer(request: Request): Promise<Response> {
  const response = await fetchReadable(request);
  if (!response.ok || /^image\/(?!x-veneer)/.test(response.headers.get("content-type") ?? "")) {
    return response; // no picture, or one that the server has converted
  }
  const done = turn.then(() => converted(response, request.signal));
  turn = done.catch(() => undefined);
  return done;
}

/** Pictures of other origins come without CORS, so that nobody can read them; those are asked for again. */
async function fetchReadable(request: Request): Promise<Response> {
  const accept = withVeneer(request.headers.get("accept"));
  const headers = new Headers(request.headers);
  headers.set("accept", accept);
  const response = await fetch(new Request(request, { headers }));
  if (response.type !== "opaque") return response;
  return fetch(request.url, { mode: "cors", credentials: "omit", headers: { accept }, signal: request.signal });
}

/** What a picture of the page accepts, and Veneer before all else: a server that negotiates sends the file then. */
function withVeneer(accept: string | null): string {
  const all = `${MEDIA_TYPE},${accept ?? ANY_IMAGE}`;
  return all.length <= MOST_ACCEPT ? all : `${MEDIA_TYPE},${ANY_IMAGE}`;
}

async function converted(response: Response, signal: AbortSignal): Promise<Response> {
  try {
    const result = await decoded(response, signal);
    const pieces = await toPng(result.content as Samples, result.info);
    return new Response(new Blob(pieces), { headers: headersOf(result) });
  } catch (error) {
    const { code, message } = problemOf(error);
    // Not a picture, so that the page gets its event `error`.
    return new Response(`Veneer: ${message}\n`, { status: 422, headers: { "x-veneer": `error ${code}` } });
  }
}

function headersOf({ problems, enhanced }: Result): HeadersInit {
  const parts = [`layers=${enhanced ? "full" : "base"}`, `problems=${problems.length}`];
  return { "content-type": "image/png", "cache-control": "no-store", "x-veneer": `decoded; ${parts.join("; ")}` };
}

async function decoded(response: Response, signal: AbortSignal): Promise<Result> {
  const { engine, models } = await (running === null ? start() : running);
  const session = new Session(engine, models, settings(), places());
  try {
    for await (const bytes of piecesOf(response, signal)) await session.push(bytes);
    return await session.end("samples");
  } finally {
    session.close();
    if (engine.size > MOST_KEPT_BYTES) running = null;
  }
}

async function start(): Promise<{ engine: Engine; models: ModelStore }> {
  const address = new URL(asked.get("module") ?? "veneer.wasm", worker.location.href).href;
  module ??= compile(address);
  try {
    const engine = await Engine.start(await module, address);
    running = { engine, models: new ModelStore(engine) };
    return running;
  } catch (error) {
    module = null;
    throw error;
  }
}

function settings(): Settings {
  const layers = asked.get("layers") ?? "base";
  if (layers !== "full" && layers !== "base") throw new VeneerError(Code.BAD_SETTING, `layers=${layers} is not known`);
  const maxPixels = Number(asked.get("maxPixels") ?? DEFAULT_MAX_PIXELS);
  return { layers: layers satisfies Layers, realism: null, region: null, maxPixels, strict: false };
}

function places(): ModelPlaces {
  const folder = asked.get("models");
  if (folder === null) return null;
  const url = new URL(folder, worker.location.href).href;
  return { urls: { folder: url.endsWith("/") ? url : `${url}/` }, areKept: true };
}
