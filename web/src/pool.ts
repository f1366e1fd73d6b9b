/** Workers, and which file goes to which of them. */
import { compile } from "./engine.js";
import { Code, VeneerError } from "./errors.js";
import type { Reply, Request } from "./messages.js";

/** Files that one worker has at a time: those that wait for their bytes leave it to the others. */
const MOST_TASKS = 6;

type Listener = (reply: Reply) => void;

interface Member {
  readonly worker: Worker;
  readonly tasks: Map<number, Listener>;
}

export interface Places {
  readonly worker: string;
  readonly module: string;
  readonly count: number;
}

/** What a worker still does for a file: nothing, wait for bytes, or perhaps enhance it, which takes long. */
export type WorkState = "done" | "waiting" | "busy";

/** A file that has a place in a worker. */
export class Seat {
  readonly #pool: Pool;
  readonly #member: Member;
  readonly task: number;

  constructor(pool: Pool, member: Member, task: number) {
    this.#pool = pool;
    this.#member = member;
    this.task = task;
  }

  say(request: Request, transfer: Transferable[] = []): void {
    this.#member.worker.postMessage(request, transfer);
  }

  /** Gives the place to another; to be called once. */
  leave(state: WorkState): void {
    this.#pool.release(this.#member, this.task, state);
  }
}

export class Pool {
  readonly #places: Places;
  #module: Promise<WebAssembly.Module> | null = null;
  #ready: WebAssembly.Module | null = null; // as soon as it is compiled
  #members: Member[] = [];
  #waiting: (() => void)[] = [];
  #isRetired = false;
  #next = 1;

  constructor(places: Places) {
    this.#places = places;
  }

  /** The most workers that there may be. */
  get count(): number {
    return this.#places.count;
  }

  /** Keeps no workers from now on: each is ended as soon as it has nothing to do. */
  retire(): void {
    this.#isRetired = true;
    for (const member of this.#members) if (member.tasks.size === 0) this.#end(member);
  }

  #end(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member);
    member.worker.terminate();
  }

  /** A place for a file, as soon as there is one. Throws VeneerError of ENGINE_FAILED; the reason of `signal`. */
  async take(listener: Listener, signal: AbortSignal | null): Promise<Seat> {
    this.#module ??= compile(this.#places.module);
    const module = await this.#module.catch((error: unknown) => {
      this.#module = null; // the next picture tries again
      throw error;
    });
    this.#ready = module;
    let member = this.#free(module);
    while (member === null) {
      await this.#turn(signal);
      member = this.#free(module);
    }
    return this.#sit(member, listener);
  }

  /** A place in a worker that has nothing to do, while nobody waits for one; else null. */
  takeIdle(listener: Listener): Seat | null {
    if (this.#waiting.length > 0 || this.#ready === null) return null;
    const idle = this.#members.find(({ tasks }) => tasks.size === 0);
    const member = idle ?? (this.#members.length < this.#places.count ? this.#start(this.#ready) : null);
    return member === null ? null : this.#sit(member, listener);
  }

  #sit(member: Member, listener: Listener): Seat {
    const task = this.#next++;
    member.tasks.set(task, listener);
    return new Seat(this, member, task);
  }

  /** The next time that a place becomes free. */
  #turn(signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== go);
        reject(signal?.reason);
      };
      const go = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(go);
    });
  }

  /** The worker that has least to do, a new one as long as there may be more. */
  #free(module: WebAssembly.Module): Member | null {
    const [least] = [...this.#members].sort((a, b) => a.tasks.size - b.tasks.size);
    if (least?.tasks.size === 0) return least;
    if (this.#members.length < this.#places.count) return this.#start(module);
    return least !== undefined && least.tasks.size < MOST_TASKS ? least : null;
  }

  #start(module: WebAssembly.Module): Member {
    const member: Member = { worker: startWorker(this.#places.worker), tasks: new Map() };
    member.worker.onmessage = ({ data }: MessageEvent<Reply>): void => member.tasks.get(data.task)?.(data);
    member.worker.onerror = (event): void => this.#lose(member, event.message || "its script cannot be loaded");
    member.worker.postMessage({ type: "module", module, address: this.#places.module } satisfies Request);
    this.#members.push(member);
    return member;
  }

  #lose(member: Member, why: string): void {
    this.#end(member);
    const problem = { code: Code.ENGINE_FAILED, offset: null, message: `the worker stopped: ${why}` };
    for (const [task, listener] of member.tasks) listener({ type: "failed", task, problem });
  }

  release(member: Member, task: number, state: WorkState): void {
    member.tasks.delete(task);
    const isMidst = state === "busy"; // of an enhancement, where it hears of nothing
    if ((isMidst || this.#isRetired) && member.tasks.size === 0) {
      this.#end(member);
    } else if (state !== "done") {
      member.worker.postMessage({ type: "cancel", task } satisfies Request);
    }
    this.#waiting.shift()?.();
  }
}

/** A worker of a script of any origin: those of others are loaded by a script of the page's own. */
function startWorker(url: string): Worker {
  try {
    if (new URL(url).origin === self.location.origin) return new Worker(url);
    const script = new Blob([`importScripts(${JSON.stringify(url)});`], { type: "text/javascript" });
    const own = URL.createObjectURL(script);
    try {
      return new Worker(own);
    } finally {
      URL.revokeObjectURL(own);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VeneerError(Code.ENGINE_FAILED, `no worker can be started: ${why}`);
  }
}
