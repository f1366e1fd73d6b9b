/** What callers give and get. */
import type { Problem } from "./errors.js";

/** Where a file comes from. A string is a URL, relative to the page. Streams and responses are used up. */
export type Source = ArrayBuffer | ArrayBufferView | Blob | Response | ReadableStream<Uint8Array> | URL | string;

/** `full`: with enhancement where the file has it. `preview`: the whole at an eighth of its sides, rounded up. */
export type Layers = "full" | "base" | "preview";

/** A part of a picture in pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where models are: a folder with model files named `ID-CHECK.vnm`, such as `7-5933ad73.vnm`, and weight files named
 * `NETWORK-HASH.vnw`, such as `restore-382470f9.vnw`; or the address of a file for each such name without its ending.
 */
export type Models = string | URL | Readonly<Record<string, string | URL>>;

export interface DecodeOptions {
  /** Default: `full`. */
  readonly layers?: Layers;
  /** How much texture enhancement may add, 0..1; without it, as the file asks for. */
  readonly realism?: number;
  /** A part of the picture; only its bytes are decoded. */
  readonly region?: Region;
  /** Larger pictures are refused before memory is taken for them. Default: 2^28. */
  readonly maxPixels?: number;
  /** Whether damage, and a model that cannot be had, are errors. Default: false. */
  readonly strict?: boolean;
  /** Most workers for this picture, 1 or more; default: those of `configure`. Small pictures take fewer, and a worker that
   *  has another picture is not taken. The result does not depend on it. */
  readonly threads?: number;
  /** Ends the work; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Default: those of `configure`; null: none, which gives base layers. */
  readonly models?: Models | null;
  /** Called with each step on the way to the picture, the last one included. */
  readonly onUpdate?: (update: Update) => void;
}

/** Colour codes of ITU-T H.273. */
export interface Cicp {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

export interface ModelReference {
  readonly id: number;
  /** First four bytes of the SHA-256 of its weight file, in hexadecimal. */
  readonly check: string;
  readonly role: "restores" | "textures" | "both";
}

/** The headers of a file, and its metadata as far as they have come. */
export interface Info {
  readonly formatVersion: number;
  /** Of the coded picture, before it is turned as `orientation` says. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  readonly bitDepth: number;
  readonly sampleFormat: "integers" | "half-floats";
  readonly baseKind: "transform" | "modular" | "jpeg";
  readonly cicp: Cicp;
  readonly tileSize: number;
  readonly tileCount: number;
  /** 0..255, of the file. */
  readonly defaultRealism: number;
  readonly models: readonly ModelReference[];
  /** How the picture is to be turned for viewing: 1..8 as in Exif. */
  readonly orientation: number;
  /** Pixels per metre, or a ratio. */
  readonly density: { readonly unit: "ratio" | "metre"; readonly x: number; readonly y: number } | null;
  readonly icc: Uint8Array | null;
  readonly exif: Uint8Array | null;
  readonly xmp: Uint8Array | null;
  readonly iptc: Uint8Array | null;
  readonly texts: readonly (readonly [keyword: string, text: string])[];
  readonly hasGainMap: boolean;
}

/** Samples as the file has them: interleaved, of 0 up to 2^bitDepth - 1, or the bits of half floats. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bitDepth: number;
  readonly data: Uint8Array | Uint16Array;
}

/** A decoded picture. */
export interface Picture {
  readonly info: Info;
  /** 8 bits a sample in the file's own colour space, not turned. */
  readonly image: ImageData;
  /** What is damaged or missing. */
  readonly problems: readonly Problem[];
  /** Whether enhancement is in it. */
  readonly enhanced: boolean;
}

/** The same with samples of all depths in the place of an image for the screen. */
export interface DeepPicture extends Omit<Picture, "image"> {
  readonly samples: Samples;
}

/** A step on the way to a picture. They come in the order of this list; some pictures have no preview. */
export type Update =
  /** The headers are known. */
  | { readonly stage: "info"; readonly info: Info }
  /** The whole at an eighth of its sides. */
  | { readonly stage: "preview"; readonly info: Info; readonly image: ImageData }
  /** Pixels of the base layer have come, for `region` of the picture. */
  | { readonly stage: "base"; readonly info: Info; readonly image: ImageData; readonly region: Region }
  /** The picture is final. */
  | { readonly stage: "picture"; readonly info: Info; readonly picture: Picture };
