// Two pictures over each other with a line between them that can be moved, and zoom.

const slider = { position: 50, zoom: 100, width: 1, height: 1 };

const entriesOf = (picture) => report.slider.filter((entry) => entry.picture === picture);

function currentEntry() {
  const own = entriesOf(byId("slider-picture").value);
  return own.find((entry) => String(entry.bpp) === byId("slider-rate").value) ?? own[0];
}

function versionOf(side) {
  const { versions } = currentEntry();
  return versions.find((version) => version.codec === byId(`slider-${side}`).value) ?? versions[0];
}

function caption(version) {
  const parts = [version.label];
  if (version.bytes) parts.push(`${version.bytes.toLocaleString("en")} bytes`);
  if (version.bpp !== undefined) parts.push(`${version.bpp.toFixed(3)} bpp`);
  if (version.psnr !== undefined) parts.push(`PSNR ${version.psnr.toFixed(2)} dB`);
  if (version.ssimulacra2 !== undefined) parts.push(`SSIMULACRA2 ${version.ssimulacra2.toFixed(1)}`);
  return parts.join(" · ");
}

function showSide(side, version) {
  const image = byId(`slider-image-${side}`);
  image.src = version.source;
  image.alt = `${currentEntry().picture}, ${version.label}`;
  byId(`slider-caption-${side}`).textContent = caption(version);
}

function drawSlider() {
  const [, , width, height] = currentEntry().crop;
  Object.assign(slider, { width, height });
  showSide("left", versionOf("left"));
  showSide("right", versionOf("right"));
  setZoom(slider.zoom);
  setPosition(slider.position);
}

function setPosition(percent) {
  slider.position = Math.min(100, Math.max(0, percent));
  byId("slider-clip").style.clipPath = `inset(0 ${100 - slider.position}% 0 0)`;
  const divider = byId("slider-divider");
  divider.style.left = `${slider.position}%`;
  divider.setAttribute("aria-valuenow", String(Math.round(slider.position)));
  divider.setAttribute("aria-valuetext", `${Math.round(slider.position)} % ${versionOf("left").label}`);
}

// 100 % is one pixel of the picture for one of the page; the middle of the view stays where it is.
function setZoom(percent) {
  const view = byId("slider-view");
  const middle = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
  const factor = percent / slider.zoom;
  slider.zoom = percent;
  const stage = byId("slider-stage");
  stage.style.width = `${(slider.width * percent) / 100}px`;
  stage.style.height = `${(slider.height * percent) / 100}px`;
  view.scrollLeft = middle[0] * factor - view.clientWidth / 2;
  view.scrollTop = middle[1] * factor - view.clientHeight / 2;
  byId("slider-zoom").value = String(percent);
  byId("slider-zoom-value").textContent = `${percent} %`;
}

function stepZoom(direction) {
  setZoom(Math.min(400, Math.max(100, slider.zoom + 50 * direction)));
}

function swapSides() {
  const [left, right] = [byId("slider-left"), byId("slider-right")];
  [left.value, right.value] = [right.value, left.value];
  drawSlider();
}

function showOriginal(on) {
  const { versions } = currentEntry();
  for (const side of ["left", "right"]) showSide(side, on ? versions[0] : versionOf(side));
}

const SCROLLS = { w: [0, -1], a: [-1, 0], s: [0, 1], d: [1, 0] };

function onSliderKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.shiftKey ? 10 : 1;
  const key = event.key.toLowerCase();
  if (key === "arrowleft" || key === "arrowdown") setPosition(slider.position - step);
  else if (key === "arrowright" || key === "arrowup") setPosition(slider.position + step);
  else if (key === "home") setPosition(0);
  else if (key === "end") setPosition(100);
  else if (key === "+" || key === "=") stepZoom(1);
  else if (key === "-" || key === "_") stepZoom(-1);
  else if (key === "x") swapSides();
  else if (key === "o") { if (!event.repeat) showOriginal(true); }
  else if (SCROLLS[key]) byId("slider-view").scrollBy({ left: 60 * SCROLLS[key][0], top: 60 * SCROLLS[key][1], behavior: "instant" });
  else return;
  event.preventDefault();
}

function onDrag(event) {
  const box = byId("slider-stage").getBoundingClientRect();
  setPosition((100 * (event.clientX - box.left)) / box.width);
}

function chooseVersions() {
  const pairs = currentEntry().versions.map((version) => [version.codec, version.label]);
  const names = pairs.map(([name]) => name);
  const firstOf = (...wanted) => wanted.find((name) => names.includes(name)) ?? names.at(-1);
  fill(byId("slider-left"), pairs, byId("slider-left").value || firstOf(...(report.sliderSides ?? ["veneer", "veneer-base"])));
  fill(byId("slider-right"), pairs, byId("slider-right").value || firstOf(...(report.sliderSides?.slice(1) ?? ["avif-444-s4", "jpeg-420"])));
}

function choosePicture() {
  const own = entriesOf(byId("slider-picture").value);
  fill(byId("slider-rate"), own.map((entry) => [entry.bpp, `${entry.bpp} bpp`]));
  chooseVersions();
  drawSlider();
}

function startSlider() {
  if (!report.slider?.length) return;
  show("side-by-side");
  const pictures = [...new Set(report.slider.map((entry) => entry.picture))];
  fill(byId("slider-picture"), pictures.map((name) => [name, name]));
  byId("picture-choice").hidden = pictures.length < 2;
  byId("rate-choice").hidden = report.slider.every((entry) => entry.bpp === undefined);
  byId("slider-intro").textContent = report.sliderIntro ?? "The middle of each picture, coded by every codec to the same "
    + "number of bytes (at most; a codec that cannot go so low shows the least it can). Shown are the decoded pixels, without loss.";
  byId("slider-picture").addEventListener("change", choosePicture);
  byId("slider-rate").addEventListener("change", () => { chooseVersions(); drawSlider(); });
  for (const side of ["left", "right"]) byId(`slider-${side}`).addEventListener("change", drawSlider);
  byId("slider-zoom").addEventListener("input", (event) => setZoom(Number(event.target.value)));
  byId("slider-smooth").addEventListener("change", (event) => byId("slider-stage").classList.toggle("smooth", event.target.checked));
  const divider = byId("slider-divider");
  divider.addEventListener("keydown", onSliderKey);
  divider.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "o") showOriginal(false); });
  divider.addEventListener("blur", () => showOriginal(false));
  divider.addEventListener("pointerdown", (event) => { divider.setPointerCapture(event.pointerId); });
  divider.addEventListener("pointermove", (event) => { if (divider.hasPointerCapture(event.pointerId)) onDrag(event); });
  byId("slider-stage").addEventListener("click", (event) => { if (event.target !== divider) { onDrag(event); divider.focus(); } });
  choosePicture();
}
