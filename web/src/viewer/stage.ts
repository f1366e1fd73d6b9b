/** One or two pictures in a frame: zoom, movement, and a divider between the two. */

const MOST_SCALE = 64;
const LEAST_SHOWN = 32; // pixels of the screen that the shorter side keeps
const STEP = 1.25; // of a key or button
const PIXELATED_FROM = 2; // screen pixels for one of the picture

export class Stage {
  readonly #frame: HTMLElement;
  readonly #layers: readonly [HTMLCanvasElement, HTMLCanvasElement];
  readonly #divider: HTMLElement;
  readonly #onZoom: (scale: number) => void;
  #width = 1; // of the first picture, in its own pixels
  #height = 1;
  #scale = 1; // CSS pixels for one of the picture
  #x = 0; // of the upper left corner in the frame, in CSS pixels
  #y = 0;
  #isFitted = true;
  #share = 0.5; // of the frame's width, left of the divider
  #isCompared = false;

  /** `frame` gets the elements; `onZoom` is called with each scale, in pixels of the screen. */
  constructor(frame: HTMLElement, onZoom: (scale: number) => void) {
    this.#frame = frame;
    this.#onZoom = onZoom;
    this.#layers = [layer(frame, "first"), layer(frame, "second")];
    this.#divider = dividerIn(frame);
    frame.tabIndex = 0;
    frame.classList.add("stage");
    new ResizeObserver(() => this.#settle()).observe(frame);
    this.#listenToPointer();
    this.#listenToKeys();
    this.#layers[1].hidden = true;
    this.#divider.hidden = true;
  }

  get first(): HTMLCanvasElement {
    return this.#layers[0];
  }
  get second(): HTMLCanvasElement {
    return this.#layers[1];
  }

  /** Says how large the picture is in its own pixels; both are shown at that size. */
  resize(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    this.#width = width;
    this.#height = height;
    this.fit();
  }

  /** Shows the second picture right of the divider, or not at all. */
  compare(isCompared: boolean): void {
    this.#isCompared = isCompared;
    this.#divider.hidden = !isCompared;
    this.second.hidden = !isCompared;
    this.#place();
  }

  fit(): void {
    this.#isFitted = true;
    this.#settle();
  }

  /** One pixel of the picture for one of the screen. */
  actual(): void {
    this.#zoomTo(1 / devicePixelRatio, this.#middle());
  }

  zoom(factor: number): void {
    this.#zoomTo(this.#scale * factor, this.#middle());
  }

  #middle(): readonly [x: number, y: number] {
    return [this.#frame.clientWidth / 2, this.#frame.clientHeight / 2];
  }

  /** Changes the scale so that the place of the frame shows the same pixel. */
  #zoomTo(wanted: number, [x, y]: readonly [number, number]): void {
    const least = Math.min(LEAST_SHOWN / Math.min(this.#width, this.#height), this.#fitting());
    const scale = Math.min(MOST_SCALE, Math.max(least, wanted));
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#isFitted = false;
    this.#place();
  }

  #fitting(): number {
    const { clientWidth, clientHeight } = this.#frame;
    return Math.min(clientWidth / this.#width, clientHeight / this.#height, 1 / devicePixelRatio);
  }

  #settle(): void {
    if (this.#isFitted && this.#frame.clientWidth > 0) {
      this.#scale = this.#fitting();
      this.#x = (this.#frame.clientWidth - this.#width * this.#scale) / 2;
      this.#y = (this.#frame.clientHeight - this.#height * this.#scale) / 2;
    }
    this.#place();
  }

  #place(): void {
    const { clientWidth, clientHeight } = this.#frame;
    const [width, height] = [this.#width * this.#scale, this.#height * this.#scale];
    // Some of the picture stays in sight, the whole breadth of the frame where it is larger.
    this.#x = width > clientWidth ? between(clientWidth - width, this.#x, 0) : between(0, this.#x, clientWidth - width);
    this.#y = height > clientHeight ? between(clientHeight - height, this.#y, 0) : between(0, this.#y, clientHeight - height);
    for (const canvas of this.#layers) {
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px`, left: `${this.#x}px`, top: `${this.#y}px` });
      canvas.style.imageRendering = this.#scale * devicePixelRatio >= PIXELATED_FROM ? "pixelated" : "auto";
    }
    const at = this.#share * clientWidth;
    this.#divider.style.left = `${at}px`;
    this.#divider.setAttribute("aria-valuenow", String(Math.round(100 * this.#share)));
    const [left, right] = [between(0, at - this.#x, width), between(0, width - (at - this.#x), width)];
    this.first.style.clipPath = this.#isCompared ? `inset(0 ${right}px 0 0)` : "";
    this.second.style.clipPath = `inset(0 0 0 ${left}px)`;
    this.#onZoom(this.#scale * devicePixelRatio);
  }

  #listenToPointer(): void {
    const pointers = new Map<number, { x: number; y: number }>();
    let isDivided = false;
    this.#frame.addEventListener("pointerdown", (event) => {
      isDivided = event.target === this.#divider;
      pointers.set(event.pointerId, this.#placeOf(event));
      this.#frame.setPointerCapture(event.pointerId);
    });
    this.#frame.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const now = this.#placeOf(event);
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      pointers.set(event.pointerId, now);
      if (isDivided) this.#divide(now.x / this.#frame.clientWidth);
      else if (other !== undefined) this.#pinch(before, now, other);
      else this.#move(now.x - before.x, now.y - before.y);
    });
    for (const name of ["pointerup", "pointercancel"] as const) {
      this.#frame.addEventListener(name, (event) => pointers.delete(event.pointerId));
    }
    this.#frame.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const { x, y } = this.#placeOf(event);
        this.#zoomTo(this.#scale * Math.exp(-event.deltaY / (event.deltaMode === 0 ? 400 : 10)), [x, y]);
      },
      { passive: false },
    );
    this.#frame.addEventListener("dblclick", () => (this.#isFitted ? this.actual() : this.fit()));
  }

  #placeOf(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#frame.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #pinch(before: { x: number; y: number }, now: { x: number; y: number }, other: { x: number; y: number }): void {
    const distance = (a: { x: number; y: number }): number => Math.hypot(a.x - other.x, a.y - other.y);
    if (distance(before) > 0) this.#zoomTo((this.#scale * distance(now)) / distance(before), [other.x, other.y]);
  }

  #move(dx: number, dy: number): void {
    this.#isFitted = false;
    this.#x += dx;
    this.#y += dy;
    this.#place();
  }

  #divide(share: number): void {
    this.#share = between(0, share, 1);
    this.#place();
  }

  #listenToKeys(): void {
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [40, 0],
      ArrowRight: [-40, 0],
      ArrowUp: [0, 40],
      ArrowDown: [0, -40],
    };
    this.#frame.addEventListener("keydown", (event) => {
      const move = moves[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target === this.#divider && move !== undefined) this.#divide(this.#share - move[0] / 2000);
      else if (move !== undefined) this.#move(...move);
      else if (event.key === "+" || event.key === "=") this.zoom(STEP);
      else if (event.key === "-") this.zoom(1 / STEP);
      else if (event.key === "0") this.fit();
      else if (event.key === "1") this.actual();
      else return;
      event.preventDefault();
    });
  }
}

function layer(frame: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = name;
  frame.append(canvas);
  return canvas;
}

function dividerIn(frame: HTMLElement): HTMLElement {
  const divider = document.createElement("div");
  divider.className = "divider";
  divider.tabIndex = 0;
  divider.setAttribute("role", "slider");
  divider.setAttribute("aria-label", "How much of the left picture is shown, in percent");
  divider.setAttribute("aria-valuemin", "0");
  divider.setAttribute("aria-valuemax", "100");
  frame.append(divider);
  return divider;
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
