// Curves of a metric over the logarithm of the rate, as SVG.

const CHART = { left: 62, right: 16, top: 14, bottom: 46, widest: 1100, narrowest: 300 };
const DASHES = ["", "7 4", "2 3", "10 3 2 3", "4 2", "1 4", "12 4", "6 2 1 2", "3 6", "9 2", "2 6"];
const MARKS = ["circle", "square", "diamond", "triangle"];
const TICKS_BPP = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20];

const visible = new Set();

const colourOf = (codec) => `var(--c${codec.colour % 9})`;

function mark(codec, x, y, size = 4) {
  const paint = { fill: colourOf(codec), class: "point" };
  const kind = MARKS[codec.dash % MARKS.length];
  if (kind === "circle") return shape("circle", { cx: x, cy: y, r: size, ...paint });
  if (kind === "square") return shape("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, ...paint });
  const corners = kind === "diamond" ? [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] : [[0, -1.2], [1.2, 0.9], [-1.2, 0.9]];
  return shape("polygon", { points: corners.map(([dx, dy]) => `${x + dx * size},${y + dy * size}`).join(" "), ...paint });
}

function niceSteps(low, high, count = 7) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= raw);
  const steps = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) steps.push(value);
  return { steps, digits: [0, 1, 2, 3].find((digits) => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-9) ?? 4 };
}

function drawChart() {
  const column = report.metrics.findIndex((metric) => metric.name === byId("curve-metric").value);
  const metric = report.metrics[column];
  const picture = byId("curve-picture").value;
  const [from, limit] = ["curve-from", "curve-limit"].map((id) => Number(byId(id).value));
  const series = lossy.filter((codec) => visible.has(codec.name)).map((codec) => ({
    codec,
    points: (report.points[codec.name]?.[picture] ?? [])
      .map((point) => [point[0], point[column + 1]])
      .filter(([rate, quality]) => quality !== null && rate >= from && rate <= limit),
  })).filter(({ points }) => points.length);
  byId("chart").replaceChildren(series.length ? plot(series, metric) : element("p", {}, "No curve has points here."));
  const where = picture === report.all ? `Mean of ${report.pictures.length} pictures at each setting` : picture;
  const direction = metric.better === "lower" ? "; the scale is turned so that higher is better" : "";
  byId("chart-caption").textContent = `${metric.axis} over bits per pixel (logarithmic). ${where}${direction}.`;
  byId("point-table").replaceChildren(table("Points of the curves", ["Codec", "bits per pixel", metric.axis],
    series.flatMap(({ codec, points }) => points.map(([rate, quality]) => [codec.label, rate.toFixed(3), quality.toFixed(2)]))));
}

// A drawing of as many units as there are pixels, so that its texts keep their size on a phone.
function plot(series, metric) {
  const { left, right, top, bottom } = CHART;
  const width = Math.max(CHART.narrowest, Math.min(CHART.widest, byId("chart").clientWidth || CHART.widest));
  const height = Math.max(300, Math.round(0.5 * width));
  const rates = series.flatMap(({ points }) => points.map(([rate]) => Math.log(rate)));
  const qualities = series.flatMap(({ points }) => points.map(([, quality]) => quality));
  const [x0, x1] = [Math.min(...rates) - 0.05, Math.max(...rates) + 0.05];
  const margin = 0.04 * (Math.max(...qualities) - Math.min(...qualities) || 1);
  const [y0, y1] = [Math.min(...qualities) - margin, Math.max(...qualities) + margin];
  const x = (rate) => left + ((Math.log(rate) - x0) / (x1 - x0)) * (width - left - right);
  const y = (quality) => height - bottom - ((quality - y0) / (y1 - y0)) * (height - top - bottom);
  const drawing = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${metric.axis} over bits per pixel for ${series.map(({ codec }) => codec.label).join(", ")}` });
  const { steps, digits } = niceSteps(y0, y1);
  for (const value of steps) {
    drawing.append(shape("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), class: "grid" }),
      shape("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(digits)));
  }
  let lastLabel = -100;
  for (const rate of TICKS_BPP.filter((value) => Math.log(value) >= x0 && Math.log(value) <= x1)) {
    drawing.append(shape("line", { x1: x(rate), x2: x(rate), y1: top, y2: height - bottom, class: "grid" }));
    if (x(rate) - lastLabel < 34) continue;
    lastLabel = x(rate);
    drawing.append(shape("text", { x: x(rate), y: height - bottom + 18, "text-anchor": "middle" }, String(rate)));
  }
  drawing.append(
    shape("line", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom, class: "axis" }),
    shape("line", { x1: left, x2: left, y1: top, y2: height - bottom, class: "axis" }),
    shape("text", { x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, "bits per pixel"),
    shape("text", { transform: `translate(14 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, metric.axis));
  for (const { codec, points } of series) {
    const group = shape("g", { "data-codec": codec.name });
    const path = points.map(([rate, quality], i) => `${i ? "L" : "M"}${x(rate).toFixed(1)} ${y(quality).toFixed(1)}`).join("");
    group.append(shape("path", { d: path, class: "curve", stroke: colourOf(codec), "stroke-dasharray": DASHES[codec.dash % DASHES.length] }));
    for (const [rate, quality] of points) {
      const dot = mark(codec, x(rate), y(quality));
      dot.append(shape("title", {}, `${codec.label}: ${rate.toFixed(3)} bpp, ${quality.toFixed(2)}`));
      group.append(dot);
    }
    drawing.append(group);
  }
  return drawing;
}

function makeLegend() {
  for (const codec of lossy) {
    if (codec.shown) visible.add(codec.name);
    const box = element("input", { type: "checkbox", value: codec.name });
    box.checked = codec.shown;
    box.addEventListener("change", () => {
      if (box.checked) visible.add(codec.name); else visible.delete(codec.name);
      drawChart();
    });
    const sample = shape("svg", { width: 34, height: 14, "aria-hidden": "true" },
      shape("line", { x1: 1, x2: 33, y1: 7, y2: 7, stroke: colourOf(codec), "stroke-width": 2.2,
        "stroke-dasharray": DASHES[codec.dash % DASHES.length] }), mark(codec, 17, 7));
    byId("legend").append(element("label", {}, box, sample, codec.label));
  }
}

function startCurves() {
  if (!report.metrics?.length || !lossy.length) return;
  show("curves");
  fill(byId("curve-metric"), report.metrics.map((metric) => [metric.name, metric.label]),
    report.metrics.some((metric) => metric.name === "ssimulacra2") ? "ssimulacra2" : undefined);
  fill(byId("curve-picture"), [[report.all, "mean of all"], ...report.pictures.map((name) => [name, name])]);
  makeLegend();
  for (const id of ["curve-metric", "curve-picture", "curve-from", "curve-limit"]) byId(id).addEventListener("change", drawChart);
  let drawnWidth = byId("chart").clientWidth;
  window.addEventListener("resize", () => {
    if (byId("chart").clientWidth === drawnWidth) return;
    drawnWidth = byId("chart").clientWidth;
    drawChart();
  });
  drawChart();
}
