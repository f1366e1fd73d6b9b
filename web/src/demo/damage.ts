/** What happens to a file on its way, always in the same manner. */

const KEPT = 64; // bytes at the beginning, without which there is no picture
const RUN = 8; // bytes of a damaged place

/** The first part of a file, as a share of it, with so many damaged places in the whole. */
export function damaged(bytes: Uint8Array<ArrayBuffer>, share: number, places: number): Uint8Array<ArrayBuffer> {
  const result = bytes.slice();
  const random = numbers();
  for (let place = 0; place < places; ++place) {
    const at = KEPT + Math.floor(random() * Math.max(0, bytes.length - KEPT - RUN));
    for (let i = at; i < at + RUN && i < result.length; ++i) result[i] = Math.floor(random() * 256);
  }
  return result.subarray(0, Math.max(KEPT, Math.round(share * bytes.length)));
}

/** Numbers of 0..1 that are the same each time: Lehmer's generator, with the factor of Park and Miller. */
function numbers(): () => number {
  let state = 20260;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
