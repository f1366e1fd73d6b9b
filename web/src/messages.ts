/** What page and worker say to each other. */
import type { Head } from "./bands.js";
import type { Settings } from "./decoding.js";
import type { Problem } from "./errors.js";
import type { ModelPlaces } from "./models.js";
import type { Output, Result, SessionUpdate } from "./session.js";
import type { Region } from "./types.js";

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
      /** Whether the headers are told, and "narrow" may follow. */
      readonly wantsHead: boolean;
    }
  | { readonly type: "bytes"; readonly task: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The final picture is to have this region alone; others decode the rest. */
  | { readonly type: "narrow"; readonly task: number; readonly region: Region }
  | { readonly type: "end"; readonly task: number }
  | { readonly type: "cancel"; readonly task: number };

export type Reply =
  /** The bytes of one message have been decoded. */
  | { readonly type: "taken"; readonly task: number }
  | { readonly type: "head"; readonly task: number; readonly head: Head }
  | { readonly type: "update"; readonly task: number; readonly update: SessionUpdate }
  | { readonly type: "done"; readonly task: number; readonly result: Result | Uint8Array<ArrayBuffer> }
  | { readonly type: "failed"; readonly task: number; readonly problem: Problem };
