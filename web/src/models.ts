/** Weight files: fetched when a file names them, kept by the browser's Cache, and made models of an instance once. */
import type { Engine, Pointer } from "./engine.js";
import { Code, VeneerError } from "./errors.js";
import { layout } from "./generated/layout.js";
import type { ModelReference } from "./types.js";

/** Where models are, as it is sent between threads: absolute URLs; null: nowhere. */
export type ModelPlaces = {
  readonly urls: { readonly folder: string } | { readonly files: Readonly<Record<string, string>> };
  /** Whether the browser's Cache keeps them. */
  readonly areKept: boolean;
} | null;

const CACHE = "veneer-models-1";

/** The name of the weight file that a reference means, without `.vnw`. */
export function modelName({ id, check }: ModelReference): string {
  return `${id}-${check}`;
}

export class ModelStore {
  readonly #engine: Engine;
  readonly #made = new Map<string, Promise<Pointer>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The model; throws VeneerError where it cannot be had. A model that failed is tried again when it is next asked for. */
  get(reference: ModelReference, places: ModelPlaces): Promise<Pointer> {
    const name = modelName(reference);
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#make(reference, places);
    this.#made.set(name, made);
    made.catch(() => this.#made.delete(name));
    return made;
  }

  async #make(reference: ModelReference, places: ModelPlaces): Promise<Pointer> {
    const name = modelName(reference);
    const url = placeOf(name, places);
    if (url === null) throw new VeneerError(Code.MODEL_UNKNOWN, `no place is given for model ${name}`);
    return withLock(`veneer-model-${name}`, async () =>
      this.#read(await fetchKept(url, reference.check, places?.areKept ?? false), url),
    );
  }

  #read(bytes: Uint8Array, url: string): Pointer {
    const { exports } = this.#engine;
    return this.#engine.withBlock(layout.VeneerProblem.sizeof, (problem) =>
      this.#engine.withBlock(
        bytes.length,
        (data) => {
          const model = exports.veneer_model_create(0, data, bytes.length, problem);
          if (model !== 0) return model;
          const { code, message } = this.#engine.problemAt(problem);
          throw new VeneerError(code || Code.NO_MEMORY, code ? `${url}: ${message}` : "not enough memory");
        },
        bytes,
      ),
    );
  }
}

function placeOf(name: string, places: ModelPlaces): string | null {
  if (places === null) return null;
  const { urls } = places;
  return "folder" in urls ? new URL(`${name}.vnw`, urls.folder).href : (urls.files[name] ?? null);
}

/** Runs `work` in one worker at a time, so that a model is fetched once; pages without a secure origin have no locks. */
async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? await navigator.locks.request(name, work) : await work();
}

/** A file by way of the Cache; one that is not what `check` says is fetched anew. */
async function fetchKept(url: string, check: string, isKept: boolean): Promise<Uint8Array> {
  const cache = isKept && "caches" in self ? await caches.open(CACHE).catch(() => null) : null;
  const kept = await cache?.match(url);
  if (kept !== undefined) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await hasCheck(bytes, check)) return bytes;
  }
  const bytes = await fetchBytes(url, kept === undefined ? "default" : "reload");
  if (!(await hasCheck(bytes, check))) {
    throw new VeneerError(Code.MODEL_UNKNOWN, `${url} is another model than the file was made with`);
  }
  // A disk that is full costs the next fetch, not this picture.
  await cache?.put(url, new Response(bytes)).catch(() => undefined);
  return bytes;
}

async function fetchBytes(url: string, cache: RequestCache): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { cache });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VeneerError(Code.FETCH_FAILED, `${url}: ${why}`);
  }
}

/** Whether the hash of a file begins so. Where the page has no hashes the decoder itself compares. */
async function hasCheck(bytes: Uint8Array<ArrayBuffer>, check: string): Promise<boolean> {
  if (crypto.subtle === undefined) return true;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, check.length / 2);
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("") === check;
}
