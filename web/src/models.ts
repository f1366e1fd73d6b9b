/**
 * Model files and weight files: fetched when a picture needs them, kept by the browser's Cache, and made models and
 * networks of an instance once.
 */
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

const CACHE = "veneer-models-2";

/** The name of the model file that a reference means, without `.vnm`. */
export function modelName({ id, check }: ModelReference): string {
  return `${id}-${check}`;
}

/** A weight file that a picture needs. */
export interface WeightFile {
  /** With `.vnw`. */
  readonly name: string;
  /** Of all of it, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What the module makes of the bytes of a file. */
type Maker = "veneer_model_create" | "veneer_network_create";

export class ModelStore {
  readonly #engine: Engine;
  readonly #made = new Map<string, Promise<Pointer>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The model; throws VeneerError where it cannot be had. A model that failed is tried again when it is next asked for. */
  get(reference: ModelReference, places: ModelPlaces): Promise<Pointer> {
    return this.#get(`${modelName(reference)}.vnm`, reference.check, places, "veneer_model_create");
  }

  /** The same of a network. */
  network({ name, sha256 }: WeightFile, places: ModelPlaces): Promise<Pointer> {
    return this.#get(name, sha256, places, "veneer_network_create");
  }

  #get(file: string, check: string, places: ModelPlaces, maker: Maker): Promise<Pointer> {
    const known = this.#made.get(file);
    if (known !== undefined) return known;
    const made = this.#make(file, check, places, maker);
    this.#made.set(file, made);
    made.catch(() => this.#made.delete(file));
    return made;
  }

  async #make(file: string, check: string, places: ModelPlaces, maker: Maker): Promise<Pointer> {
    const url = placeOf(file, places);
    if (url === null) throw new VeneerError(Code.MODEL_UNKNOWN, `no place is given for ${file}`);
    return withLock(`veneer-model-${file}`, async () =>
      this.#read(await fetchKept(url, check, places?.areKept ?? false), url, maker),
    );
  }

  #read(bytes: Uint8Array, url: string, maker: Maker): Pointer {
    const { exports } = this.#engine;
    return this.#engine.withBlock(layout.VeneerProblem.sizeof, (problem) =>
      this.#engine.withBlock(
        bytes.length,
        (data) => {
          const made = exports[maker](0, data, bytes.length, problem);
          if (made !== 0) return made;
          const { code, message } = this.#engine.problemAt(problem);
          throw new VeneerError(code || Code.NO_MEMORY, code ? `${url}: ${message}` : "not enough memory");
        },
        bytes,
      ),
    );
  }
}

function placeOf(file: string, places: ModelPlaces): string | null {
  if (places === null) return null;
  const { urls } = places;
  return "folder" in urls ? new URL(file, urls.folder).href : (urls.files[file.replace(/\.vn[mw]$/, "")] ?? null);
}

/** Runs `work` in one worker at a time, so that a file is fetched once; pages without a secure origin have no locks. */
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
    throw new VeneerError(Code.MODEL_UNKNOWN, `${url} is another file than the picture was made with`);
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
