/**
 * One file, decoded by one worker or by several.
 *
 * The first worker reads the headers. Where the picture is large enough, workers that have nothing to do get the same
 * bytes and each a band of the picture, and the first worker keeps the rest. The format promises the same pixels for a
 * part as for the whole. It does not for what is filled in for lost pixels: where anything is wrong with a band, one
 * worker decodes the whole anew, and what that gives or throws is the result.
 */
import { bandsOf, Sheet, type Head } from "./bands.js";
import type { Settings } from "./decoding.js";
import { Errand, type Listener } from "./errand.js";
import { Code } from "./errors.js";
import type { ModelPlaces } from "./models.js";
import type { Pool } from "./pool.js";
import type { Output, Result } from "./session.js";
import { piecesOf, type Piece } from "./source.js";
import type { Region, Source } from "./types.js";

/** Bytes of a file that are sent before its headers are known, where others may take a part in it. */
const FIRST_BYTES = 4096;

/** What is wanted of a file. */
export interface Job {
  readonly settings: Settings;
  readonly places: ModelPlaces;
  readonly output: Output;
  readonly show: Listener;
  /** Most workers. */
  readonly most: number;
  /** Least pixels for a worker; null: as many as pay. */
  readonly least: number | null;
  readonly signal: AbortSignal | null;
}

interface Helper {
  readonly errand: Errand;
  readonly band: Region;
}

export class Crew {
  readonly #pool: Pool;
  readonly #job: Job;
  readonly #first: Errand;
  #helpers: Helper[] = [];
  #band: Region | null = null; // of the first worker, where there are helpers
  #again: Errand | null = null; // the whole, where a band has failed
  #kept: Piece[] | null; // all bytes so far, where another worker may need them

  constructor(pool: Pool, job: Job) {
    this.#pool = pool;
    this.#job = job;
    this.#first = new Errand(job.show);
    this.#kept = job.most > 1 ? [] : null;
  }

  /** Decodes. Throws VeneerError, the reason of the signal, or what a source or listener throws. To be called once. */
  async run(source: Source): Promise<Result | Uint8Array<ArrayBuffer>> {
    const { signal } = this.#job;
    const refuse = (): void => [this.#first, this.#again].forEach((errand) => errand?.refuse(signal?.reason));
    try {
      await this.#start(this.#first, this.#job.most > 1);
      signal?.addEventListener("abort", refuse, { once: true });
      if (signal?.aborted) refuse();
      await Promise.race([this.#send(source), this.#first.result]);
      return this.#band === null ? await this.#first.result : await this.#joined(this.#band);
    } finally {
      signal?.removeEventListener("abort", refuse);
      for (const errand of [this.#first, this.#again, ...this.#helpers.map((helper) => helper.errand)]) errand?.leave();
    }
  }

  async #start(errand: Errand, wantsHead: boolean): Promise<void> {
    const { settings, places, output, signal } = this.#job;
    errand.sit(await this.#pool.take((reply) => errand.hear(reply), signal));
    const wantsUpdates = errand === this.#first && this.#job.show !== null;
    errand.say({ type: "start", settings, places, output, wantsUpdates, wantsHead });
  }

  /** Sends the bytes of a source, not faster than the workers take them. */
  async #send(source: Source): Promise<void> {
    let isFirst = this.#job.most > 1;
    for await (const piece of piecesOf(source, this.#job.signal)) {
      const parts = isFirst && piece.length > FIRST_BYTES ? halves(piece, FIRST_BYTES) : [piece];
      isFirst = false;
      for (const part of parts) await this.#give(part);
      if (this.#first.isOver) return;
    }
    for (const { errand } of this.#helpers) errand.say({ type: "end" });
    this.#first.say({ type: "end" });
  }

  async #give(bytes: Piece): Promise<void> {
    await Promise.all([this.#first, ...this.#helpers.map(({ errand }) => errand)].map((errand) => errand.room()));
    if (this.#kept === null) {
      this.#first.say({ type: "bytes", bytes }, [bytes.buffer]);
      return;
    }
    this.#kept.push(bytes);
    for (const { errand } of this.#helpers) errand.say({ type: "bytes", bytes });
    this.#first.say({ type: "bytes", bytes });
    if (this.#band !== null) return;
    await this.#first.room(0); // the headers come before that
    if (this.#first.head !== null && !this.#first.isOver) this.#share(this.#first.head);
  }

  /** Gives bands to others, if that pays and there are others. */
  #share(head: Head): void {
    const { settings, show, most, least } = this.#job;
    const whole = wholeOf(head);
    const region = settings.region ?? whole;
    // A base layer that is shown as it comes is final when it has come. A region outside is the first worker's to refuse.
    const isShown = show !== null && settings.region === null && !settings.strict;
    const canShare = settings.layers !== "preview" && (head.isEnhanced || !isShown) && isWithin(region, whole);
    const count = canShare ? bandsOf(head, region, most, least).length : 1;
    const errands = this.#idleWorkers(count - 1);
    const [own, ...others] = bandsOf(head, region, errands.length + 1, least);
    if (own === undefined || others.length === 0) {
      this.#kept = null;
      return;
    }
    this.#band = own;
    this.#first.say({ type: "narrow", region: own });
    others.forEach((band, i) => this.#startHelper(errands[i] as Errand, band));
  }

  /** Workers that have nothing to do, at most `most`. */
  #idleWorkers(most: number): Errand[] {
    const found: Errand[] = [];
    while (found.length < most) {
      const errand = new Errand(null);
      const seat = this.#pool.takeIdle((reply) => errand.hear(reply));
      if (seat === null) break;
      errand.sit(seat);
      found.push(errand);
    }
    return found;
  }

  #startHelper(errand: Errand, band: Region): void {
    this.#helpers.push({ errand, band });
    const { settings, places, output } = this.#job;
    const own = { ...settings, region: band };
    errand.say({ type: "start", settings: own, places, output, wantsUpdates: false, wantsHead: false });
    for (const bytes of this.#kept ?? []) errand.say({ type: "bytes", bytes });
  }

  /** The picture of all bands; that of one worker where they do not fit together. */
  async #joined(own: Region): Promise<Result> {
    const parts = [{ errand: this.#first, band: own }, ...this.#helpers];
    const sheet = new Sheet(this.#job.settings.region ?? wholeOf(this.#first.head as Head));
    const work = parts.map(async ({ errand, band }) => {
      const { content, ...rest } = (await errand.result) as Result;
      sheet.put(band, content);
      return rest;
    });
    try {
      const results = await Promise.all(work);
      const [first] = results;
      const { content } = sheet;
      if (first !== undefined && content !== null && areAlike(results)) return { ...first, content };
    } catch (error) {
      if (this.#first.isRefused) throw error;
    }
    return await this.#decodeAgain();
  }

  async #decodeAgain(): Promise<Result> {
    for (const errand of [this.#first, ...this.#helpers.map((helper) => helper.errand)]) errand.leave();
    this.#again = new Errand(null);
    await this.#start(this.#again, false);
    this.#job.signal?.throwIfAborted();
    for (const bytes of this.#kept ?? []) {
      await this.#again.room();
      this.#again.say({ type: "bytes", bytes });
    }
    this.#again.say({ type: "end" });
    return (await this.#again.result) as Result;
  }
}

function halves(piece: Piece, size: number): Piece[] {
  return [piece.slice(0, size), piece.slice(size)]; // not parts of one buffer, which would be sent as a whole
}

function wholeOf({ width, height }: Head): Region {
  return { x: 0, y: 0, width, height };
}

function isWithin(region: Region, whole: Region): boolean {
  const { x, y, width, height } = region;
  const areWhole = [x, y, width, height].every(Number.isInteger);
  return areWhole && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= whole.width && y + height <= whole.height;
}

/** Whether bands are parts of the same picture: nothing is wrong with any, or all have lacked the same model or network. */
function areAlike(bands: readonly Pick<Result, "problems" | "enhanced">[]): boolean {
  const ofModels: readonly number[] = [Code.MODEL_UNKNOWN, Code.NO_WEIGHTS, Code.FETCH_FAILED];
  const told = ({ problems, enhanced }: Pick<Result, "problems" | "enhanced">): string =>
    JSON.stringify([enhanced, problems]);
  const [first] = bands;
  return bands.every(
    (band) => first !== undefined && told(band) === told(first) && band.problems.every(({ code }) => ofModels.includes(code)),
  );
}
