/** Decoding for pages: `decode`, `decodeUpdates`, `decodeSamples`, `decodeJpeg`, `configure`. */
import { Crew } from "./crew.js";
import { DEFAULT_MAX_PIXELS, type Settings } from "./decoding.js";
import type { Listener } from "./errand.js";
import { Code, VeneerError } from "./errors.js";
import type { ModelPlaces } from "./models.js";
import { Pool } from "./pool.js";
import type { Rgba } from "./samples.js";
import type { Output, Result, SessionUpdate } from "./session.js";
import type { DecodeOptions, DeepPicture, Info, Models, Picture, Samples, Source, Update } from "./types.js";

export interface Configuration {
  /** Script of the worker. Default: `veneer-worker.js` beside the script of this package. */
  readonly worker?: string | URL;
  /** Default: `veneer.wasm` beside it. */
  readonly module?: string | URL;
  /** Default: the folder `models` beside it. */
  readonly models?: Models | null;
  /** Whether the browser's Cache keeps models, beside its cache of everything. Default: true. */
  readonly keepModels?: boolean;
  /** Most workers, which are started as they are needed. Default: a worker for each core, at most 4. */
  readonly workers?: number;
  /** Pixels of a picture for which it gets one more worker. Default: as many as pay, which depends on the kind of file. */
  readonly pixelsPerWorker?: number;
}

const MOST_WORKERS = 4;

let configuration: Configuration = {};
let pool: Pool | null = null;

/** Says where the parts of the package are. To be called before the first picture; a later call gives new workers. */
export function configure(settings: Configuration): void {
  configuration = { ...configuration, ...settings };
  pool?.retire();
  pool = null;
}

/** The picture of a file. Throws VeneerError, or the reason of `signal`. */
export async function decode(source: Source, options: DecodeOptions = {}): Promise<Picture> {
  const { onUpdate } = options;
  const show = onUpdate && ((update: SessionUpdate): void => onUpdate(toUpdate(update)));
  const result = (await run(source, options, "image", show ?? null)) as Result;
  const { info, problems, enhanced } = result;
  const picture: Picture = { info, image: imageData(result.content as Rgba, info), problems, enhanced };
  onUpdate?.({ stage: "picture", info, picture });
  return picture;
}

/** The same with samples of all depths. */
export async function decodeSamples(
  source: Source,
  options: Omit<DecodeOptions, "onUpdate"> = {},
): Promise<DeepPicture> {
  const result = (await run(source, options, "samples", null)) as Result;
  const { info, problems, enhanced } = result;
  return { info, samples: result.content as Samples, problems, enhanced };
}

/** The JPEG that a file keeps, to the byte. Throws VeneerError of code 108 where it keeps none. */
export async function decodeJpeg(
  source: Source,
  options: Pick<DecodeOptions, "signal" | "maxPixels"> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const settings: DecodeOptions = { ...options, layers: "preview", models: null };
  return (await run(source, settings, "jpeg", null)) as Uint8Array<ArrayBuffer>;
}

/** The steps on the way to a picture, which is that of the last one. To leave the loop ends the work. */
export async function* decodeUpdates(
  source: Source,
  options: Omit<DecodeOptions, "onUpdate"> = {},
): AsyncGenerator<Update, void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const waiting: Update[] = [];
  let wake = (): void => undefined;
  const onUpdate = (update: Update): void => {
    waiting.push(update);
    wake();
  };
  let ended: { readonly error?: unknown } | null = null;
  decode(source, { ...options, signal, onUpdate }).then(
    () => (ended = {}),
    (error: unknown) => (ended = { error }),
  ).finally(() => wake());
  try {
    for (;;) {
      const update = waiting.shift();
      if (update !== undefined) yield update;
      else if (ended !== null) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    const { error } = ended as { readonly error?: unknown };
    if (error !== undefined) throw error;
  } finally {
    stop.abort();
  }
}

function toUpdate(update: SessionUpdate): Exclude<Update, { stage: "picture" }> {
  return update.stage === "info" ? update : { ...update, image: imageData(update.image, update.info) };
}

const SRGB_CURVE = 13; // of ITU-T H.273
const DISPLAY_P3 = 12;

/** Colours of an ImageData; those of other spaces are taken for sRGB, see `toBlob`. */
export function canvasSpace({ cicp, icc }: Info): PredefinedColorSpace {
  return icc === null && cicp.primaries === DISPLAY_P3 && cicp.transfer === SRGB_CURVE ? "display-p3" : "srgb";
}

function imageData({ data, width, height }: Rgba, info: Info): ImageData {
  return new ImageData(data, width, height, { colorSpace: canvasSpace(info) });
}

async function run(source: Source, options: DecodeOptions, output: Output, show: Listener): Promise<unknown> {
  const signal = options.signal ?? null;
  signal?.throwIfAborted();
  const settings = settingsOf(options);
  const places = options.models === null ? null : placesOf(options.models);
  pool ??= new Pool({
    worker: absolute(configuration.worker ?? new URL("./veneer-worker.js", import.meta.url)),
    module: absolute(configuration.module ?? new URL("./veneer.wasm", import.meta.url)),
    count: Math.max(1, configuration.workers ?? Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1)),
  });
  const { threads = pool.count } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new VeneerError(Code.BAD_SETTING, `threads is a whole number above 0, not ${String(threads)}`);
  }
  const most = output === "jpeg" ? 1 : threads;
  const least = configuration.pixelsPerWorker ?? null;
  return await new Crew(pool, { settings, places, output, show, most, least, signal }).run(source);
}

function settingsOf(options: DecodeOptions): Settings {
  const { layers = "full", realism = null, region = null, maxPixels = DEFAULT_MAX_PIXELS, strict = false } = options;
  return { layers, realism, region, maxPixels, strict };
}

function placesOf(given: Models | undefined): ModelPlaces {
  const models = given === undefined ? configuration.models : given;
  if (models === null) return null;
  return { urls: urlsOf(models ?? new URL("./models/", import.meta.url)), areKept: configuration.keepModels ?? true };
}

function urlsOf(models: Models): NonNullable<ModelPlaces>["urls"] {
  if (typeof models === "string" || models instanceof URL) {
    const folder = absolute(models);
    return { folder: folder.endsWith("/") ? folder : `${folder}/` };
  }
  return { files: Object.fromEntries(Object.entries(models).map(([name, url]) => [name, absolute(url)])) };
}

/** A URL that means the same in a worker. Throws VeneerError of BAD_SETTING. */
function absolute(url: string | URL): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    throw new VeneerError(Code.BAD_SETTING, `${String(url)} is no address`);
  }
}
