/**
 * One file on its way to a picture: bytes in, updates and a result out. Runs in a worker or a service worker.
 *
 * The last chunk of a file, TEND, makes the decoder finish. It is held back until the base has been shown and the models
 * are there, which enhancement takes long for.
 */
import type { Head } from "./bands.js";
import { Decoding, EventKind, type DecoderEvent, type Settings } from "./decoding.js";
import type { Engine, Pointer } from "./engine.js";
import { Code, problemOf, VeneerError, type Problem } from "./errors.js";
import { joined } from "./exif.js";
import { modelName, type ModelPlaces, type ModelStore } from "./models.js";
import { toRgba, toSamples, type Rgba } from "./samples.js";
import type { Info, Region, Samples } from "./types.js";

export type Output = "image" | "samples" | "jpeg";

export type SessionUpdate =
  | { readonly stage: "info"; readonly info: Info }
  | { readonly stage: "preview"; readonly info: Info; readonly image: Rgba }
  | { readonly stage: "base"; readonly info: Info; readonly image: Rgba; readonly region: Region };

export interface Result {
  readonly info: Info;
  readonly content: Rgba | Samples;
  readonly problems: readonly Problem[];
  readonly enhanced: boolean;
}

/** Who hears of a file before its picture; null where nobody does, which saves the work. */
export interface Listeners {
  readonly onUpdate: ((update: SessionUpdate) => void) | null;
  /** Called once. `narrow` may be called after it. */
  readonly onHead: ((head: Head) => void) | null;
}

const NOBODY: Listeners = { onUpdate: null, onHead: null };

const PIECE = 1 << 16; // bytes that are given to the decoder at a time, so that something is shown in between
const END = [0x54, 0x45, 0x4e, 0x44]; // "TEND"
const LEAST_PAUSE = 60; // milliseconds between two updates of the base
const SHARE_OF_TIME = 4; // and this many times what the last one took

export class Session {
  readonly #engine: Engine;
  #decoding: Decoding;
  #settings: Settings;
  readonly #models: ModelStore;
  readonly #places: ModelPlaces;
  readonly #onHead: Listeners["onHead"];
  #onUpdate: Listeners["onUpdate"];
  /** What the decoder has been given: bytes, where another one may have to take them again, and models. */
  readonly #fed: Uint8Array<ArrayBuffer>[] | null;
  readonly #given: Pointer[] = [];
  readonly #givenNetworks: Pointer[] = [];
  readonly #askedFor = new Set<string>(); // weight files
  /** Models and networks on their way to the decoder, and in the end what could not be had. */
  #adding: Promise<Problem[]> | null = null;
  #isClosed = false;
  #tail: Uint8Array<ArrayBuffer> = new Uint8Array(); // bytes that may be the beginning of TEND
  #held: Uint8Array<ArrayBuffer>[] | null = null; // TEND, and what follows it
  #info: Info | null = null;
  #hasPreview = false;
  #changed: Region | null = null; // of the base, since the last update
  #nextUpdate = 0; // time in milliseconds
  #band: Region | null = null; // to which the final picture is narrowed after the base has been shown

  /** Throws VeneerError; see Decoding. */
  constructor(
    engine: Engine,
    models: ModelStore,
    settings: Settings,
    places: ModelPlaces,
    { onUpdate, onHead }: Listeners = NOBODY,
  ) {
    this.#engine = engine;
    this.#models = models;
    this.#settings = settings;
    this.#places = places;
    this.#onUpdate = onUpdate;
    this.#onHead = onHead;
    this.#decoding = new Decoding(engine, settings);
    this.#fed = engine.hasTablesApart || onHead !== null ? [] : null;
  }

  close(): void {
    this.#isClosed = true;
    this.#decoding.destroy();
  }

  /** Takes the next bytes of the file. Throws VeneerError where no file that begins like this can be decoded. */
  async push(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) await this.#pushPiece(bytes.subarray(at, at + PIECE));
  }

  async #pushPiece(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#held !== null) {
      this.#held.push(piece.slice());
      return;
    }
    const all = this.#tail.length > 0 ? joined([this.#tail, piece]) : piece;
    const end = findEnd(all);
    const cut = end >= 0 ? end : Math.max(0, all.length - END.length + 1);
    const rest = all.slice(cut);
    if (end >= 0) this.#held = [rest];
    this.#tail = end >= 0 ? new Uint8Array() : rest;
    await this.#feed(all.subarray(0, cut));
  }

  async #feed(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length === 0) return;
    this.#fed?.push(bytes.slice());
    try {
      this.#take(bytes);
    } catch (error) {
      if (!this.#lacksTables(error)) throw error;
      await this.#beginAgain();
    }
  }

  #take(bytes: Uint8Array): void {
    this.#decoding.feed(bytes);
    this.#look(this.#decoding.events());
  }

  /** Leaves all but a region of the picture to others: at once, or after the base has been shown to those who listen. */
  async narrow(region: Region): Promise<void> {
    if (this.#onUpdate === null) await this.#begin(region);
    else this.#band = region;
  }

  /** Begins anew with a decoder for a region, which shows nothing before the final picture. */
  async #begin(region: Region): Promise<void> {
    this.#settings = { ...this.#settings, region };
    this.#onUpdate = null;
    this.#renew();
    if (!this.#takeAll()) await this.#beginAgain();
  }

  #renew(): void {
    this.#decoding.destroy();
    this.#decoding = new Decoding(this.#engine, this.#settings);
    for (const model of this.#given) this.#decoding.addModel(model);
    for (const network of this.#givenNetworks) this.#decoding.addNetwork(network);
  }

  #lacksTables(error: unknown): boolean {
    return error instanceof VeneerError && error.code === Code.NO_MEMORY && this.#engine.lacksTables;
  }

  /** Gets the tables that were missing, and takes all bytes again with a new decoder; the old one is of no more use. */
  async #beginAgain(): Promise<void> {
    do {
      await this.#engine.fetchTables();
      this.#renew();
    } while (!this.#takeAll());
  }

  /** False if still more tables are missing. */
  #takeAll(): boolean {
    try {
      for (const bytes of this.#fed ?? []) this.#take(bytes);
      return true;
    } catch (error) {
      if (this.#lacksTables(error)) return false;
      throw error;
    }
  }

  /** Runs `work`, again with the tables that it lacked. */
  async #withTables<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!this.#lacksTables(error)) throw error;
        await this.#beginAgain();
      }
    }
  }

  #look(events: readonly DecoderEvent[]): void {
    const has = (kind: number): boolean => events.some((event) => event.kind === kind);
    const tiles = events.filter((event) => event.kind === EventKind.TILE);
    const isFirstOfJpeg = this.#info?.baseKind === "jpeg" && this.#changed === null && tiles.length > 0;
    if (has(EventKind.INFO) || has(EventKind.METADATA) || isFirstOfJpeg) this.#showInfo();
    if (has(EventKind.PREVIEW) && !this.#hasPreview) this.#showPreview();
    for (const { region } of tiles) this.#changed = union(this.#changed, region);
    if (performance.now() >= this.#nextUpdate) this.#showBase();
  }

  #showInfo(): void {
    const isFirst = this.#info === null;
    this.#info = this.#decoding.info();
    if (this.#info === null) return;
    if (isFirst) this.#begins(this.#info);
    this.#onUpdate?.({ stage: "info", info: this.#info });
  }

  /** Begins to fetch models. */
  #begins(info: Info): void {
    const isEnhanced = this.#settings.layers === "full" && this.#places !== null && info.models.length > 0;
    if (isEnhanced) {
      this.#adding = this.#addWanted(info);
      this.#adding.catch(() => undefined); // end() says what is wrong
    }
    const { width, height, tileSize, baseKind } = info;
    this.#onHead?.({ width, height, tileSize, baseKind, isEnhanced });
  }

  /** Fetches the models of the file, and then the networks that the picture needs; gives what could not be had. */
  async #addWanted(info: Info): Promise<Problem[]> {
    const add = (model: Pointer): void => {
      this.#given.push(model);
      this.#decoding.addModel(model);
    };
    const wanted = info.models.map((model) =>
      this.#add(`model ${modelName(model)}`, this.#models.get(model, this.#places), add),
    );
    const missing = (await Promise.all(wanted)).flat();
    return [...missing, ...(await this.#addNeeded())];
  }

  /** Fetches the networks that the picture needs and that were not asked for; gives what could not be had. */
  async #addNeeded(): Promise<Problem[]> {
    if (this.#isClosed) return [];
    const add = (network: Pointer): void => {
      this.#givenNetworks.push(network);
      this.#decoding.addNetwork(network);
    };
    const files = this.#decoding.needed().filter(({ name }) => !this.#askedFor.has(name));
    const wanted = files.map((file) => {
      this.#askedFor.add(file.name);
      return this.#add(`network ${file.name}`, this.#models.network(file, this.#places), add);
    });
    return (await Promise.all(wanted)).flat();
  }

  async #add(name: string, wanted: Promise<Pointer>, add: (found: Pointer) => void): Promise<Problem[]> {
    try {
      const found = await wanted;
      if (!this.#isClosed) add(found);
      return [];
    } catch (error) {
      return this.#lacksTables(error) ? [] : [missingPart(error, name)]; // the next decoder is given it
    }
  }

  #showPreview(): void {
    this.#hasPreview = true;
    const preview = this.#onUpdate === null ? null : this.#decoding.preview();
    if (preview === null || this.#info === null) return;
    const image = toRgba(this.#engine, preview, wholeOf(preview), this.#info.cicp.transfer);
    this.#onUpdate?.({ stage: "preview", info: this.#info, image });
  }

  #showBase(): void {
    if (this.#onUpdate === null || this.#changed === null || this.#info === null) return;
    const start = performance.now();
    const picture = this.#decoding.picture();
    if (picture === null) return;
    // Without a preview every part may have changed: what has not come is filled in from what has.
    const region = this.#hasPreview ? this.#changed : wholeOf(picture);
    const image = toRgba(this.#engine, picture, region, this.#info.cicp.transfer);
    this.#onUpdate({ stage: "base", info: this.#info, image, region });
    this.#changed = null;
    const now = performance.now();
    this.#nextUpdate = now + Math.max(LEAST_PAUSE, SHARE_OF_TIME * (now - start));
  }

  /** Says that nothing more will come, and gives the final picture. `isCancelled` is asked when the models have come.
   *  Throws VeneerError. */
  async end(output: "image" | "samples", isCancelled: () => boolean = () => false): Promise<Result> {
    const missing = await this.#addModels();
    if (isCancelled()) throw new VeneerError(Code.CANCELLED, "cancelled");
    if (this.#band !== null) await this.#begin(this.#band);
    await this.#feedRest();
    await this.#withTables(() => this.#decoding.finish());
    const info = this.#decoding.info();
    const picture = this.#decoding.picture();
    if (info === null || picture === null) throw new VeneerError(Code.ENGINE_FAILED, "the decoder gave no picture");
    const content =
      output === "samples"
        ? toSamples(this.#engine, picture)
        : toRgba(this.#engine, picture, wholeOf(picture), info.cicp.transfer);
    const hasModels = info.models.length > 0 && this.#places !== null && missing.length === 0;
    const enhanced = hasModels && this.#settings.layers === "full";
    return { info, content, problems: [...this.#decoding.problems(), ...missing], enhanced };
  }

  /** The JPEG that the file keeps, of which nothing but its own chunks needs to be whole. Throws VeneerError. */
  async endAsJpeg(): Promise<Uint8Array<ArrayBuffer>> {
    try {
      await this.#feedRest();
    } catch (error) {
      if (this.#info === null) throw error; // else pixels were refused, which are not asked for
    }
    if (this.#info === null) this.#decoding.finish(); // says what is missing
    return this.#withTables(() => this.#decoding.jpeg());
  }

  async #feedRest(): Promise<void> {
    await this.#feed(joined([this.#tail, ...(this.#held ?? [])]));
  }

  /** Gives the decoder its models, and shows the base in the meantime; gives what could not be had. */
  async #addModels(): Promise<Problem[]> {
    if (this.#adding === null) return [];
    await this.#withTables(() => this.#showBase());
    const missing = await this.#adding;
    return [...missing, ...(await this.#addNeeded())]; // a decoder that lacked tables could not say what it needs
  }
}

function missingPart(reason: unknown, name: string): Problem {
  const problem = problemOf(reason);
  return { ...problem, message: `without ${name}: ${problem.message}` };
}

/** Where "TEND" begins; -1 where it is not. It may also be a part of other data, which holds the rest back in vain. */
function findEnd(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x54); at >= 0; at = bytes.indexOf(0x54, at + 1)) {
    if (END.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function wholeOf({ width, height }: { readonly width: number; readonly height: number }): Region {
  return { x: 0, y: 0, width, height };
}

function union(a: Region | null, b: Region): Region {
  if (a === null) return b;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
