// Small things that every part of the page uses: making elements, filling selectors, writing numbers.

const SVG = "http://www.w3.org/2000/svg";
const report = JSON.parse(document.getElementById("data").textContent);

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Fills a selector with [value, text] pairs, keeping what was chosen where it is still there.
function fill(select, pairs, chosen = select.value) {
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, text)));
  if (pairs.some(([value]) => String(value) === String(chosen))) select.value = chosen;
}

function show(id) {
  const section = byId(id);
  section.hidden = false;
  byId("sections").append(element("li", {}, element("a", { href: `#${id}` }, section.querySelector("h2").textContent)));
}

const signed = (value, digits = 1) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);

const significant = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

// A table of rows of cells; a cell is a text, or {text, note, kind} for a class and a small line below.
function table(caption, header, rows) {
  const head = element("tr", {}, ...header.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map(([name, ...cells]) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...cells.map(tableCell)));
  return element("table", { "aria-label": caption }, element("thead", {}, head), element("tbody", {}, ...body));
}

function tableCell(cell) {
  if (typeof cell === "string") return element("td", {}, cell);
  const made = element("td", cell.kind ? { class: cell.kind } : {}, cell.text);
  if (cell.note) made.append(element("small", {}, cell.note));
  return made;
}

const codecs = report.codecs ?? [];
const lossy = codecs.filter((codec) => !codec.lossless);
const label = (name) => codecs.find((codec) => codec.name === name)?.label ?? name;
