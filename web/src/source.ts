/** Every kind of source as pieces of bytes. */
import { Code, VeneerError } from "./errors.js";
import type { Source } from "./types.js";

export const MEDIA_TYPE = "image/x-veneer";
/** Servers that negotiate send others than the file to those that do not name its type. */
const ACCEPT = `${MEDIA_TYPE},*/*;q=0.5`;

export type Piece = Uint8Array<ArrayBuffer>;

/** The bytes of a source, as they come. Throws VeneerError of FETCH_FAILED, the reason of `signal`, or what a stream
 *  throws. */
export async function* piecesOf(source: Source, signal: AbortSignal | null): AsyncGenerator<Piece, void> {
  if (source instanceof ArrayBuffer) yield new Uint8Array(source).slice();
  else if (ArrayBuffer.isView(source)) {
    yield new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  } else if (source instanceof Blob) yield* piecesOfStream(source.stream(), signal);
  else if (source instanceof ReadableStream) yield* piecesOfStream(source, signal);
  else if (source instanceof Response) yield* piecesOfResponse(source, signal);
  else yield* piecesOfResponse(await fetched(String(source), signal), signal);
}

async function fetched(url: string, signal: AbortSignal | null): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: { accept: ACCEPT } });
  } catch (error) {
    signal?.throwIfAborted();
    throw new VeneerError(Code.FETCH_FAILED, `${url} cannot be fetched: ${messageOf(error)}`);
  }
}

async function* piecesOfResponse(response: Response, signal: AbortSignal | null): AsyncGenerator<Piece, void> {
  if (!response.ok) {
    throw new VeneerError(Code.FETCH_FAILED, `${response.url} cannot be fetched: the server answers ${response.status}`);
  }
  if (response.body !== null) yield* piecesOfStream(response.body, signal);
}

async function* piecesOfStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | null,
): AsyncGenerator<Piece, void> {
  const reader = stream.getReader();
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) {
        isWhole = true;
        return;
      }
      yield value.slice(); // the caller's bytes stay the caller's
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TypeError ? new VeneerError(Code.FETCH_FAILED, `the transfer broke: ${error.message}`) : error;
  } finally {
    signal?.removeEventListener("abort", stop);
    if (!isWhole) stop();
    reader.releaseLock();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
