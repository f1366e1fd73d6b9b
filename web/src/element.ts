/**
 * `<veneer-img>`: a picture on a page, as `<img>` is one.
 *
 * Attributes: src, alt, width, height (pixels of CSS), loading ("lazy", "eager"), realism (0..1), layers ("full", "base").
 * Events: `load`; `error`, whose reason is in the property `error`; `progress` with each update. Neither bubbles.
 */
import { Code, decode, Painter, shownSize, VeneerError } from "./index.js";
import type { DecodeOptions, Info, Layers, Models, Update } from "./index.js";

const STYLE = `
:host { display: inline-block; overflow: hidden; vertical-align: bottom; max-width: 100%; }
:host([hidden]) { display: none; }
canvas { display: block; width: 100%; height: 100%; object-fit: inherit; object-position: inherit; }
p { margin: 0; padding: 0.5em; font: 0.875rem/1.4 system-ui, sans-serif; }
canvas[hidden], p[hidden] { display: none; }
small { display: block; opacity: 0.7; }
`;

/** How far outside of the window a lazy picture begins to load. */
const MARGIN = "600px";
/** Attributes whose change shows another picture. */
const OF_PICTURE = ["src", "realism", "layers"];

export class VeneerImageElement extends HTMLElement {
  static readonly observedAttributes = [...OF_PICTURE, "alt", "width", "height", "loading"];

  /** Where models are, for this element alone; undefined: as of `configure`. */
  models: Models | null | undefined;

  readonly #canvas = document.createElement("canvas");
  readonly #message = document.createElement("p");
  readonly #size = new CSSStyleSheet();
  readonly #internals = this.attachInternals();
  #painter = new Painter(this.#canvas);
  #work: AbortController | null = null;
  #observer: IntersectionObserver | null = null;
  #info: Info | null = null;
  #error: Error | null = null;
  #isComplete = false;
  #isPlanned = false;

  constructor() {
    super();
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [style, this.#size];
    shadow.append(this.#canvas, this.#message);
    this.#canvas.hidden = true;
    this.#message.hidden = true;
    this.#internals.role = "img";
  }

  get src(): string {
    const given = this.getAttribute("src");
    return given ? new URL(given, document.baseURI).href : "";
  }
  set src(value: string) {
    this.setAttribute("src", value);
  }
  get alt(): string {
    return this.getAttribute("alt") ?? "";
  }
  set alt(value: string) {
    this.setAttribute("alt", value);
  }
  /** Whether there is nothing more to wait for. */
  get complete(): boolean {
    return this.#isComplete || !this.hasAttribute("src");
  }
  /** As it is seen; 0 before the headers have come. */
  get naturalWidth(): number {
    return this.#natural()[0];
  }
  get naturalHeight(): number {
    return this.#natural()[1];
  }
  /** The headers; null before they have come. */
  get info(): Info | null {
    return this.#info;
  }
  /** Why there is no picture; null where nothing is wrong. */
  get error(): Error | null {
    return this.#error;
  }

  connectedCallback(): void {
    this.#nameIt();
    this.#layOut();
    this.#plan();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return;
    if (name === "alt") this.#nameIt();
    else if (name === "width" || name === "height") this.#layOut();
    else this.#plan();
  }

  /** A picture without words is decoration, and passed over by readers of screens. */
  #nameIt(): void {
    this.#internals.role = this.getAttribute("alt") === "" ? "presentation" : "img";
    this.#internals.ariaLabel = this.alt;
  }

  /** Loads the picture anew, once for all attributes that change at a time. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#stop();
      if (!this.src) this.#canvas.hidden = this.#message.hidden = true;
      if (!this.isConnected || !this.src) return;
      if (this.getAttribute("loading") === "lazy") this.#wait();
      else void this.#load();
    });
  }

  #wait(): void {
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.#observer?.disconnect();
        this.#observer = null;
        void this.#load();
      },
      { rootMargin: MARGIN },
    );
    this.#observer.observe(this);
  }

  #stop(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#work?.abort();
    this.#work = null;
  }

  async #load(): Promise<void> {
    const work = new AbortController();
    this.#work = work;
    this.#isComplete = false;
    this.#error = null;
    try {
      await this.#show(work.signal);
    } catch (error) {
      if (work.signal.aborted) return;
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (work.signal.aborted) return;
    this.#isComplete = true;
    this.dispatchEvent(new Event("load"));
  }

  async #show(signal: AbortSignal): Promise<void> {
    let shown = Promise.resolve();
    const onUpdate = (update: Update): void => {
      this.#take(update.info);
      shown = this.#painter.show(update).then(() => {
        if (update.stage !== "info") this.#reveal();
      });
      shown.catch(() => undefined); // that of the picture is waited for
      this.dispatchEvent(new CustomEvent("progress", { detail: update }));
    };
    await decode(this.src, { ...this.#options(), signal, onUpdate });
    await shown;
  }

  #options(): DecodeOptions {
    const realism = this.getAttribute("realism");
    const layers = this.getAttribute("layers");
    if (layers !== null && layers !== "full" && layers !== "base") {
      throw new VeneerError(Code.BAD_SETTING, `layers is "full" or "base", not "${layers}"`);
    }
    return {
      ...(realism === null ? {} : { realism: realism.trim() === "" ? NaN : Number(realism) }),
      ...(layers === null ? {} : { layers: layers satisfies Layers }),
      ...(this.models === undefined ? {} : { models: this.models }),
    };
  }

  #take(info: Info): void {
    this.#info = info;
    this.#layOut();
  }

  #reveal(): void {
    this.#canvas.hidden = false;
    this.#message.hidden = true;
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#isComplete = true;
    const why = document.createElement("small");
    why.textContent = error.message;
    this.#message.replaceChildren(this.alt, why);
    this.#message.hidden = false;
    this.#canvas.hidden = true;
    this.dispatchEvent(new Event("error"));
  }

  #natural(): readonly [width: number, height: number] {
    return this.#info === null ? [0, 0] : shownSize(this.#info);
  }

  /** Reserves the place: of the attributes, and of the file as soon as its size is known. The page's own CSS wins. */
  #layOut(): void {
    const [naturalWidth, naturalHeight] = this.#natural();
    const width = pixels(this.getAttribute("width"));
    const height = pixels(this.getAttribute("height"));
    const ratio = naturalWidth > 0 ? `${naturalWidth} / ${naturalHeight}` : `${width ?? 0} / ${height ?? 0}`;
    const rules = [`aspect-ratio: ${ratio};`];
    if (width !== null) rules.push(`width: ${width}px;`);
    if (height !== null) rules.push(`height: ${height}px;`);
    if (width === null && height === null && naturalWidth > 0) rules.push(`width: ${naturalWidth}px;`);
    this.#size.replaceSync(`:host { ${rules.join(" ")} }`);
  }
}

/** The value of an attribute of HTML that is a number of pixels; null where it is none. */
function pixels(value: string | null): number | null {
  const number = Number.parseFloat(value ?? "");
  return number >= 0 ? number : null;
}

declare global {
  interface HTMLElementTagNameMap {
    "veneer-img": VeneerImageElement;
  }
}

if (!customElements.get("veneer-img")) customElements.define("veneer-img", VeneerImageElement);
