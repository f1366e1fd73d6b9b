/** The demo: pictures in three formats, a divider between any two; realism, damage, and files of the reader's own. */
import { configure } from "../index.js";
import type { Layers, Problem } from "../index.js";
import { isVeneer, show } from "../viewer/show.js";
import { Stage } from "../viewer/stage.js";
import { damaged } from "./damage.js";

/** A picture of one format; `bytes` is its size. */
interface Coded {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
}

/** A line of pictures.json: one picture at about equal bytes. */
interface Entry {
  readonly title: string;
  readonly files: readonly Coded[];
}

/** One of the two halves. */
interface Half {
  readonly canvas: HTMLCanvasElement;
  readonly select: HTMLSelectElement;
  readonly state: HTMLElement;
  work: AbortController | null;
}

const FULL_REALISM = 64; // steps of the knob
const STEP = 1.25;
const SHOWN_PROBLEMS = 2;

configure({ models: "models/" });

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const entry = element<HTMLSelectElement>("entry");
const layers = element<HTMLSelectElement>("layers");
const realism = element<HTMLInputElement>("realism");
const arrived = element<HTMLInputElement>("arrived");
const places = element<HTMLInputElement>("damaged");
const frame = element("frame");
const stage = new Stage(frame, (scale) => {
  element("scale").textContent = `${Math.round(100 * scale)} %`;
});
const left: Half = { canvas: stage.first, select: element("left"), state: element("left-state"), work: null };
const right: Half = { canvas: stage.second, select: element("right"), state: element("right-state"), work: null };
const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
let entries: readonly Entry[] = [];
let isOfFile = true; // whether realism is that of the file

void begin();

async function begin(): Promise<void> {
  entries = (await (await fetch("pictures.json")).json()) as Entry[];
  entry.append(...entries.map(({ title }, i) => new Option(title, String(i))));
  stage.compare(true);
  listen();
  choose("JPEG", "Veneer");
  showValues();
  await displayAll();
}

/** Fills the lists of formats, and chooses one for each half. */
function choose(first: string, second: string): void {
  const files = chosen().files;
  for (const [half, name] of [[left, first], [right, second]] as const) {
    half.select.replaceChildren(...files.map((file, i) => new Option(file.name, String(i), false, file.name === name)));
  }
}

function chosen(): Entry {
  return entries[Number(entry.value)] ?? { title: "", files: [] };
}

function listen(): void {
  entry.addEventListener("change", () => {
    const names = [left, right].map(({ select }) => select.selectedOptions[0]?.text ?? "");
    choose(names[0] ?? "", names[1] ?? "");
    void displayAll();
  });
  for (const half of [left, right]) half.select.addEventListener("change", () => void display(half));
  realism.addEventListener("input", () => (isOfFile = false));
  element("of-file").addEventListener("click", () => {
    isOfFile = true;
    showValues();
    void displayVeneer();
  });
  for (const control of [realism, arrived, places]) control.addEventListener("input", showValues);
  for (const control of [layers, realism, arrived, places]) control.addEventListener("change", () => void displayVeneer());
  element("in").addEventListener("click", () => stage.zoom(STEP));
  element("out").addEventListener("click", () => stage.zoom(1 / STEP));
  element("fit").addEventListener("click", () => stage.fit());
  element("actual").addEventListener("click", () => stage.actual());
  element<HTMLInputElement>("file").addEventListener("change", ({ target }) => take((target as HTMLInputElement).files));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    frame.classList.add("target");
  });
  document.addEventListener("dragleave", () => frame.classList.remove("target"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    frame.classList.remove("target");
    take(event.dataTransfer?.files ?? null);
  });
}

/** Adds a file of the reader's as a picture of its own, in the left half. */
function take(files: FileList | null): void {
  const file = files?.[0];
  if (file === undefined) return;
  const url = URL.createObjectURL(file);
  entries = [...entries, { title: file.name, files: [{ name: file.name, url, bytes: file.size }] }];
  entry.append(new Option(file.name, String(entries.length - 1), true, true));
  choose(file.name, file.name);
  void displayAll();
}

function showValues(): void {
  const share = (Number(realism.value) / FULL_REALISM).toFixed(2);
  element("realism-value").textContent = isOfFile ? "as the file asks" : share;
  element("arrived-value").textContent = `${arrived.value} %`;
  element("damaged-value").textContent = places.value;
}

async function displayAll(): Promise<void> {
  await Promise.all([display(left), display(right)]);
}

/** The halves that show Veneer files, whose settings have changed. */
async function displayVeneer(): Promise<void> {
  const halves = [left, right].filter(({ select }) => /\.vnr$|^Veneer$/.test(select.selectedOptions[0]?.text ?? ""));
  await Promise.all(halves.map(display));
}

async function display(half: Half): Promise<void> {
  half.work?.abort();
  const work = new AbortController();
  half.work = work;
  const file = chosen().files[Number(half.select.value)];
  if (file === undefined) return;
  const { signal } = work;
  half.state.className = "";
  try {
    half.state.textContent = `${file.name}: loading`;
    const whole = await bytesOf(file);
    signal.throwIfAborted();
    const isOurs = isVeneer(whole, file.name);
    const bytes = isOurs ? damaged(whole, Number(arrived.value) / 100, Number(places.value)) : whole;
    const options = { layers: layers.value as Layers, signal, ...(isOfFile ? {} : { realism: wanted() }) };
    const onStep = (step: string, width: number, height: number): void => {
      if (half === left) stage.resize(width, height);
      half.state.textContent = `${file.name}: ${step === "picture" ? "decoded" : `${step}, decoding`}`;
    };
    const { width, height, picture, time } = await show(bytes, file.name, half.canvas, options, onStep);
    if (half === left && layers.value !== "preview") stage.resize(width, height);
    const kind = picture === null ? "" : `, ${picture.enhanced ? "enhanced" : layers.value === "full" ? "base" : layers.value}`;
    half.state.textContent = `${file.name}${kind}: ${bytes.length.toLocaleString("en")} bytes, ${Math.round(time)} ms`;
    if (picture !== null) showLosses(picture.problems);
  } catch (error) {
    if (signal.aborted) return;
    half.canvas.width = half.canvas.height = 1; // nothing of what was there before
    half.state.className = "bad";
    half.state.textContent = `${file.name}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function wanted(): number {
  return Number(realism.value) / FULL_REALISM;
}

function showLosses(problems: readonly Problem[]): void {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => message);
  const others = problems.length - lines.length;
  if (others > 0) lines.push(`and ${others} more`);
  element("losses").textContent = lines.length > 0 ? `Lost: ${lines.join("; ")}.` : "Nothing is lost.";
}

function bytesOf(file: Coded): Promise<Uint8Array<ArrayBuffer>> {
  const known = kept.get(file.url);
  if (known !== undefined) return known;
  const bytes = fetch(file.url).then(async (response) => {
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  });
  kept.set(file.url, bytes);
  bytes.catch(() => kept.delete(file.url));
  return bytes;
}
