/** The page of `veneer view`: files of the server beside it, one picture or two with a divider. */
import { configure } from "../index.js";
import type { Layers, Problem } from "../index.js";
import { isVeneer, show, type Shown } from "./show.js";
import { Stage } from "./stage.js";

/** What the server says of a file: `facts` as `veneer info` has them. */
interface File {
  readonly name: string;
  readonly url: string;
  readonly facts: readonly (readonly [title: string, text: string])[];
}

/** One of the two places of the stage. */
interface Place {
  readonly canvas: HTMLCanvasElement;
  readonly select: HTMLSelectElement;
  work: AbortController | null;
  state: string;
}

const FULL_REALISM = 64; // steps of the knob
const STEP = 1.25;

configure({ models: "models/", keepModels: false });

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const layers = element<HTMLSelectElement>("layers");
const realism = element<HTMLInputElement>("realism");
const share = element<HTMLOutputElement>("share");
const facts = element("facts");
const stage = new Stage(element("frame"), (scale) => {
  element("scale").textContent = `${scale < 0.1 ? (100 * scale).toFixed(1) : Math.round(100 * scale)} %`;
});
const first: Place = { canvas: stage.first, select: element("first"), work: null, state: "" };
const second: Place = { canvas: stage.second, select: element("second"), work: null, state: "" };
const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
let files: readonly File[] = [];
let isOfFile = true; // whether realism is that of the file

void begin();
stayConnected();

/** Holds a connection for as long as the page is open: `veneer view --until-closed` ends when there is none. */
function stayConnected(): void {
  void fetch("open").then((response) => response.text()).catch(() => undefined);
}

async function begin(): Promise<void> {
  files = (await (await fetch("files.json")).json()) as File[];
  for (const place of [first, second]) {
    place.select.append(...files.map(({ name }, i) => new Option(name, String(i))));
    place.select.addEventListener("change", () => void display(place));
  }
  second.select.prepend(new Option("nothing", ""));
  second.select.value = files.length === 2 ? "1" : "";
  element("compared").hidden = files.length < 2;
  listen();
  await Promise.all([display(first), display(second)]);
  element("frame").focus({ preventScroll: true });
}

function listen(): void {
  layers.addEventListener("change", () => void displayBoth());
  realism.addEventListener("input", () => {
    isOfFile = false;
    showShare();
  });
  realism.addEventListener("change", () => void displayBoth());
  element("of-file").addEventListener("click", () => {
    isOfFile = true;
    showShare();
    void displayBoth();
  });
  element("in").addEventListener("click", () => stage.zoom(STEP));
  element("out").addEventListener("click", () => stage.zoom(1 / STEP));
  element("fit").addEventListener("click", () => stage.fit());
  element("actual").addEventListener("click", () => stage.actual());
  element("details").addEventListener("click", ({ currentTarget }) => {
    facts.hidden = !facts.hidden;
    (currentTarget as HTMLElement).setAttribute("aria-pressed", String(!facts.hidden));
  });
}

function showShare(): void {
  share.textContent = isOfFile ? "of the file" : (Number(realism.value) / FULL_REALISM).toFixed(2);
}

async function displayBoth(): Promise<void> {
  await Promise.all([display(first), display(second)]);
}

/** Shows the file that is chosen for a place; another choice ends it. */
async function display(place: Place): Promise<void> {
  place.work?.abort();
  const file = place.select.value === "" ? undefined : files[Number(place.select.value)];
  if (place === second) stage.compare(file !== undefined);
  showFacts();
  place.state = "";
  if (file === undefined) {
    showState();
    return;
  }
  const work = new AbortController();
  place.work = work;
  try {
    say(place, "loading");
    const bytes = await bytesOf(file);
    work.signal.throwIfAborted();
    const onStep = (step: string, width: number, height: number): void => {
      if (place === first && layers.value !== "preview") stage.resize(width, height);
      say(place, STEPS[step] ?? step);
    };
    const options = { layers: layers.value as Layers, signal: work.signal, ...(isOfFile ? {} : { realism: wanted() }) };
    const shown = await show(bytes, file.name, place.canvas, options, onStep);
    if (place === first) fitTo(place.canvas);
    say(place, summary(shown, isVeneer(bytes, file.name)), shown.picture?.problems ?? []);
  } catch (error) {
    if (work.signal.aborted) return;
    place.canvas.width = place.canvas.height = 1; // nothing of what was there before
    say(place, error instanceof Error ? error.message : String(error), [], true);
  }
}

const STEPS: Readonly<Record<string, string>> = {
  info: "decoding",
  preview: "preview, decoding",
  base: "base layer, decoding",
  picture: "decoded",
};

function wanted(): number {
  return Number(realism.value) / FULL_REALISM;
}

/** A preview is shown as large as its picture is. */
function fitTo(canvas: HTMLCanvasElement): void {
  if (layers.value !== "preview") stage.resize(canvas.width, canvas.height);
}

function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  const known = kept.get(file.url);
  if (known !== undefined) return known;
  const bytes = fetch(file.url).then(async (response) => {
    if (!response.ok) throw new Error(await response.text());
    return new Uint8Array(await response.arrayBuffer());
  });
  kept.set(file.url, bytes);
  bytes.catch(() => kept.delete(file.url));
  return bytes;
}

function summary({ width, height, picture, time }: Shown, isOurs: boolean): string {
  const layer = !isOurs ? "shown by the browser" : picture?.enhanced ? "with enhancement" : "base layer";
  return `${width} x ${height}, ${layer}, ${time < 995 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`}`;
}

function say(place: Place, text: string, problems: readonly Problem[] = [], isFailure = false): void {
  const lost = problems.length > 0 ? `; damaged or missing: ${problems.map(({ message }) => message).join("; ")}` : "";
  place.state = `${text}${lost}`;
  element("state").classList.toggle("bad", isFailure || problems.length > 0);
  showState();
}

function showState(): void {
  const parts = [first, second].filter(({ state }) => state !== "");
  const named = parts.map(({ state, select }) => `${select.selectedOptions[0]?.textContent ?? ""}: ${state}`);
  element("state").textContent = named.join("  |  ");
}

function showFacts(): void {
  const chosen = [first, second].flatMap(({ select }) => (select.value === "" ? [] : [files[Number(select.value)]]));
  facts.replaceChildren(...chosen.flatMap((file) => (file === undefined ? [] : [sectionOf(file)])));
}

function sectionOf({ name, facts: rows }: File): HTMLElement {
  const section = document.createElement("section");
  const title = document.createElement("h2");
  title.textContent = name;
  const list = document.createElement("dl");
  for (const [term, text] of rows) {
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    [dt.textContent, dd.textContent] = [term, text];
    if (term === "problem") dd.className = "bad";
    list.append(dt, dd);
  }
  section.append(title, list);
  return section;
}
