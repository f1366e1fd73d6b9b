/** What has become of a file, or of a band of it, that a worker has. */
import type { Head } from "./bands.js";
import { VeneerError } from "./errors.js";
import type { Reply, Request } from "./messages.js";
import type { Seat, WorkState } from "./pool.js";
import type { Result, SessionUpdate } from "./session.js";

/** Messages with bytes that a worker has not taken yet. */
const MOST_WAITING = 4;

export type Listener = ((update: SessionUpdate) => void) | null;

/** A request without the number of its file, which the errand puts in. */
type WithoutTask<T> = T extends { readonly task: number } ? Omit<T, "task"> : never;

export class Errand {
  readonly result: Promise<Result | Uint8Array<ArrayBuffer>>;
  /** The headers, when they have been told. */
  head: Head | null = null;
  #seat: Seat | null = null;
  #waiting = 0; // messages with bytes that have not been taken
  #isOver = false;
  #isSent = false; // whether the worker has the whole file
  #hasReply = false; // whether the worker has said its last word
  #isRefused = false;
  #fulfil!: (value: Result | Uint8Array<ArrayBuffer>) => void;
  #reject!: (error: unknown) => void;
  #wake: (() => void) | null = null;
  readonly #show: Listener;

  constructor(show: Listener) {
    this.#show = show;
    this.result = new Promise((fulfil, reject) => {
      this.#fulfil = fulfil;
      this.#reject = reject;
    });
    this.result.catch(() => undefined); // is always waited for in the end
  }

  /** Whether nothing more need be sent. */
  get isOver(): boolean {
    return this.#isOver || this.#hasReply;
  }

  /** Begins, in a worker. */
  sit(seat: Seat): void {
    this.#seat = seat;
  }

  say(request: WithoutTask<Request>, transfer: Transferable[] = []): void {
    if (this.#seat === null || this.isOver) return;
    this.#seat.say({ ...request, task: this.#seat.task } as Request, transfer);
    if (request.type === "bytes") ++this.#waiting;
    if (request.type === "end") this.#isSent = true;
  }

  hear(reply: Reply): void {
    if (this.#isOver) return;
    if (reply.type === "update") {
      this.#showUpdate(reply.update);
      return;
    }
    if (reply.type === "head") {
      this.head = reply.head;
    } else if (reply.type === "taken") {
      --this.#waiting;
    } else {
      this.#hasReply = true;
      if (reply.type === "done") this.#fulfil(reply.result);
      else this.#reject(VeneerError.of(reply.problem));
    }
    this.#wake?.();
  }

  /** An error of the caller's own function ends the work, and is thrown to the caller. */
  #showUpdate(update: SessionUpdate): void {
    try {
      this.#show?.(update);
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Ends the work with an error that is not the file's. */
  refuse(error: unknown): void {
    this.#isRefused = true;
    this.#reject(error);
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Waits until the worker has taken all but `most` messages with bytes, or has given up. */
  async room(most = MOST_WAITING - 1): Promise<void> {
    while (this.#waiting > most && !this.isOver) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Gives the place to others, and ends what the worker does for it. May be called twice. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#seat?.leave(this.#state());
    this.#wake?.();
  }

  #state(): WorkState {
    if (this.#hasReply) return "done";
    return this.#isSent ? "busy" : "waiting";
  }
}
