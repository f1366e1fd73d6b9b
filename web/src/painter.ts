/** A canvas that shows a picture as it comes: its preview, parts of its base, the final picture; turned as Exif says. */
import { canvasSpace } from "./decode.js";
import { needsColourManagement, toBlob } from "./colour.js";
import { turnOf } from "./png.js";
import type { Info, Picture, Update } from "./types.js";

/** Width and height of a picture as it is to be seen. */
export function shownSize({ width, height, orientation }: Pick<Info, "width" | "height" | "orientation">): Size {
  return turnOf(orientation)[0] ? [height, width] : [width, height];
}

type Size = readonly [width: number, height: number];

export class Painter {
  readonly canvas: HTMLCanvasElement;
  #context: CanvasRenderingContext2D | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  /** Shows an update. The promise of a picture is fulfilled when it is shown. Throws where the canvas is too large. */
  async show(update: Update): Promise<void> {
    const { info } = update;
    if (update.stage === "info") return;
    if (update.stage === "picture") {
      await this.#showPicture(update.picture);
    } else {
      this.#prepare(info, info.width, info.height);
      const region = update.stage === "base" ? update.region : { x: 0, y: 0, width: info.width, height: info.height };
      this.#draw(info, update.image, region);
    }
  }

  async #showPicture(picture: Picture): Promise<void> {
    const { info, image } = picture;
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    if (!needsColourManagement(info)) {
      this.#prepare(info, image.width, image.height);
      this.#draw(info, image, whole);
      return;
    }
    const bitmap = await createImageBitmap(await toBlob(picture)); // which is turned
    this.#prepare(info, image.width, image.height);
    this.#context?.resetTransform();
    this.#context?.clearRect(0, 0, bitmap.width, bitmap.height);
    this.#context?.drawImage(bitmap, 0, 0);
    bitmap.close();
  }

  /** Gives the canvas its size. What it shows is lost where that changes. */
  #prepare(info: Info, width: number, height: number): void {
    const [isSwapped, isFlippedX, isFlippedY] = turnOf(info.orientation);
    const [columns, rows] = shownSize({ width, height, orientation: info.orientation });
    if (this.canvas.width !== columns) this.canvas.width = columns;
    if (this.canvas.height !== rows) this.canvas.height = rows;
    const isWide = needsColourManagement(info) && matchMedia("(color-gamut: p3)").matches;
    this.#context ??= this.canvas.getContext("2d", { colorSpace: isWide ? "display-p3" : canvasSpace(info) });
    if (this.#context === null) throw new RangeError("no canvas of this size");
    // From a place in the coded picture to one on the screen.
    const [a, e] = isFlippedX ? [-1, width] : [1, 0];
    const [d, f] = isFlippedY ? [-1, height] : [1, 0];
    if (isSwapped) this.#context.setTransform(0, a, d, 0, f, e);
    else this.#context.setTransform(a, 0, 0, d, e, f);
  }

  #draw(info: Info, image: ImageData, region: { x: number; y: number; width: number; height: number }): void {
    const context = this.#context;
    if (context === null) return;
    if (info.orientation === 1 && image.width === region.width && image.height === region.height) {
      context.putImageData(image, region.x, region.y); // which takes no notice of the transform
      return;
    }
    const part = new OffscreenCanvas(image.width, image.height);
    part.getContext("2d", { colorSpace: canvasSpace(info) })?.putImageData(image, 0, 0);
    context.clearRect(region.x, region.y, region.width, region.height);
    context.drawImage(part, region.x, region.y, region.width, region.height);
  }
}
