/** What page and worker say to each other. */
import type { Settings } from "./decoding.js";
import type { Problem } from "./errors.js";
import type { ModelPlaces } from "./models.js";
import type { Output, Result, SessionUpdate } from "./session.js";

export type Request =
  /** The decoder, and where it came from. */
  | { readonly type: "module"; readonly module: WebAssembly.Module; readonly address: string }
  | {
      readonly type: "start";
      readonly task: number;
      readonly settings: Settings;
      readonly places: ModelPlaces;
      readonly output: Output;
      readonly wantsUpdates: boolean;
    }
  | { readonly type: "bytes"; readonly task: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "end"; readonly task: number }
  | { readonly type: "cancel"; readonly task: number };

export type Reply =
  /** The bytes of one message have been decoded. */
  | { readonly type: "taken"; readonly task: number }
  | { readonly type: "update"; readonly task: number; readonly update: SessionUpdate }
  | { readonly type: "done"; readonly task: number; readonly result: Result | Uint8Array<ArrayBuffer> }
  | { readonly type: "failed"; readonly task: number; readonly problem: Problem };
