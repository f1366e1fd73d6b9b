/** Veneer pictures (.vnr) in browsers. */
export { toBlob } from "./colour.js";
export {
  configure,
  decode,
  decodeJpeg,
  decodeSamples,
  decodeUpdates,
  type Configuration,
} from "./decode.js";
export { enableImages } from "./enable_images.js";
export { Code, VeneerError, type ErrorKind, type Problem } from "./errors.js";
export { Painter, shownSize } from "./painter.js";
export type * from "./types.js";
