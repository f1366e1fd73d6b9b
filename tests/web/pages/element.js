/** `<veneer-img>`: size, events, what it shows, lazy loading, errors. */
import "/element.js";

const main = document.querySelector("main");

export default async function ({ slow, turned, models }) {
  const results = {};
  results.slow = await reservesItsPlace(slow);
  results.turned = await shows(turned);
  results.attributes = await hasAttributes(slow);
  results.lazy = await waitsForItsTurn(slow);
  results.failed = await tellsWhatIsWrong();
  results.enhanced = await changes(models);
  return results;
}

function make(attributes) {
  const element = document.createElement("veneer-img");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function happened(element, ...names) {
  return new Promise((resolve) => {
    for (const name of names) element.addEventListener(name, (event) => resolve(event), { once: true });
  });
}

/** The first update of a stage; made before the element is in the page. */
function reached(element, stage) {
  return new Promise((resolve) => {
    element.addEventListener("progress", ({ detail }) => detail.stage === stage && resolve());
  });
}

function boxOf(element) {
  const { width, height } = element.getBoundingClientRect();
  return [width, height];
}

async function reservesItsPlace(src) {
  const element = make({ src, alt: "a test" });
  const header = reached(element, "info");
  const done = happened(element, "load", "error");
  main.append(element);
  await header;
  const early = { box: boxOf(element), complete: element.complete };
  await done;
  const canvas = element.shadowRoot.querySelector("canvas");
  return { early, box: boxOf(element), complete: element.complete, natural: [element.naturalWidth, element.naturalHeight],
    canvas: [canvas.width, canvas.height] };
}

async function shows(src) {
  const element = make({ src, layers: "base" });
  const done = happened(element, "load", "error");
  main.append(element);
  await done;
  const canvas = element.shadowRoot.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return { natural: [element.naturalWidth, element.naturalHeight], pixels: [...data] };
}

async function hasAttributes(src) {
  const element = make({ src, width: "65", height: "70" });
  element.style.objectFit = "cover";
  main.append(element);
  const before = boxOf(element);
  await happened(element, "load", "error");
  const fit = getComputedStyle(element.shadowRoot.querySelector("canvas")).objectFit;
  const narrow = make({ src, width: "65" });
  main.append(narrow);
  await happened(narrow, "load", "error");
  return { before, after: boxOf(element), fit, narrow: boxOf(narrow) };
}

async function waitsForItsTurn(src) {
  const space = document.createElement("div");
  space.style.height = "5000px";
  const element = make({ src, loading: "lazy" });
  main.append(space, element);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = [element.complete, element.naturalWidth];
  const done = happened(element, "load", "error");
  element.scrollIntoView();
  await done;
  const after = [element.complete, element.naturalWidth];
  scrollTo(0, 0);
  return { before, after };
}

async function tellsWhatIsWrong() {
  const outcomes = [];
  for (const attributes of [{ src: "/files/none.vnr" }, { src: "/pages/ready.js" }, { src: "/files/base.vnr", layers: "x" }]) {
    const element = make({ ...attributes, alt: "the alternative" });
    main.append(element);
    const { type } = await happened(element, "load", "error");
    outcomes.push([type, element.error.code, element.shadowRoot.querySelector("p").innerText.split("\n")[0].trim()]);
  }
  return outcomes;
}

/** Realism changes while the picture is shown. */
async function changes(models) {
  const element = make({ src: "/files/enhanced.vnr", realism: "0" });
  element.models = models;
  main.append(element);
  await happened(element, "load", "error");
  const canvas = element.shadowRoot.querySelector("canvas");
  const pixels = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.slice();
  const plain = pixels();
  element.setAttribute("realism", "1");
  await happened(element, "load", "error");
  const textured = pixels();
  return { plain: [...plain], textured: [...textured] };
}
