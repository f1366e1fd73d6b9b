/** The one error of the package: what went wrong, as a kind, a stable number and a byte offset. */

/** Kinds of docs/format.md, "Errors", by the hundreds of the code; the last one is of this package alone. */
const KINDS = {
  1: "argument",
  2: "not-veneer",
  3: "truncated",
  4: "damaged",
  5: "invalid",
  6: "unsupported",
  7: "limit",
  9: "environment",
} as const;

export type ErrorKind = (typeof KINDS)[keyof typeof KINDS];

/** Codes that this file gives itself. Those under 900 are of docs/format.md. */
export const Code = {
  BAD_SETTING: 102,
  NO_WEIGHTS: 202,
  MODEL_UNKNOWN: 605,
  FETCH_FAILED: 901,
  NO_MEMORY: 902,
  ENGINE_FAILED: 903,
  CANCELLED: 904,
} as const;

/** Something that is wrong with a file, or with what was asked for. */
export interface Problem {
  readonly code: number;
  /** Of the byte concerned in the file; null where there is none. */
  readonly offset: number | null;
  /** One line for people, without the offset. */
  readonly message: string;
}

/** What every function of the package throws, but for the reason of an AbortSignal. */
export class VeneerError extends Error implements Problem {
  override readonly name = "VeneerError";
  readonly code: number;
  readonly kind: ErrorKind;
  readonly offset: number | null;

  constructor(code: number, message: string, offset: number | null = null) {
    super(message);
    this.code = code;
    this.kind = kindOf(code);
    this.offset = offset;
  }

  static of(problem: Problem): VeneerError {
    return new VeneerError(problem.code, problem.message, problem.offset);
  }
}

export function kindOf(code: number): ErrorKind {
  return KINDS[Math.floor(code / 100) as keyof typeof KINDS] ?? "environment";
}

/** Any thrown value as a problem that can be sent to another thread. */
export function problemOf(error: unknown): Problem {
  if (error instanceof VeneerError) return { code: error.code, offset: error.offset, message: error.message };
  if (error instanceof RangeError) return { code: Code.NO_MEMORY, offset: null, message: "not enough memory" };
  const message = error instanceof Error ? error.message : String(error);
  return { code: Code.ENGINE_FAILED, offset: null, message: `the decoder stopped: ${message}` };
}
