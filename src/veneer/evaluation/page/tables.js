// Tables of BD-rates, sizes at equal quality, speed, memory, lossless sizes, settings.

function drawBdRates() {
  const metrics = report.bdRates[byId("bd-anchor").value][byId("bd-window").value];
  const picture = byId("bd-picture").value;
  const best = Object.fromEntries(report.metrics.map(({ name }) => [name,
    Math.min(...Object.values(metrics[name]).filter((of) => of[picture]?.[1] >= 0.5).map((of) => of[picture][0]))]));
  const rows = lossy.filter((codec) => codec.name !== byId("bd-anchor").value).map((codec) => [codec.label,
    ...report.metrics.map(({ name }) => {
      const mean = metrics[name][codec.name]?.[picture];
      if (!mean) return "–";
      const [value, overlap, count] = mean;
      const of = picture === report.all ? `, ${count} of ${report.pictures.length}` : "";
      return { text: signed(value), note: `${Math.round(100 * overlap)} % overlap${of}`,
        kind: overlap < 0.5 ? "weak" : value === best[name] ? "best" : "" };
    })]);
  byId("bd-table").replaceChildren(table("BD-rates in percent", ["Codec", ...report.metrics.map((m) => m.label)], rows));
}

function startBdRates() {
  const anchors = Object.keys(report.bdRates ?? {});
  if (!anchors.length) return;
  show("bd-rates");
  fill(byId("bd-anchor"), anchors.map((name) => [name, label(name)]));
  fill(byId("bd-window"), Object.keys(report.bdRates[anchors[0]]).map((name) => [name, name]));
  fill(byId("bd-picture"), [[report.all, "mean of all"], ...report.pictures.map((name) => [name, name])]);
  for (const id of ["bd-anchor", "bd-window", "bd-picture"]) byId(id).addEventListener("change", drawBdRates);
  drawBdRates();
}

function drawEqualQuality() {
  const { levels, metric } = report.equalQuality.find((entry) => entry.metric === byId("equal-metric").value);
  const name = report.metrics.find((entry) => entry.name === metric).label;
  const rows = lossy.map((codec) => [codec.label, ...levels.map(({ codecs: of }) => {
    if (!of[codec.name]) return "–";
    const [rate, share, count] = of[codec.name];
    return rate.toFixed(3) + (share < 1 ? ` (${count})` : "");
  })]);
  byId("equal-table").replaceChildren(table(`Bits per pixel at equal ${name}`,
    ["Codec", ...levels.map(({ level }) => `${name} ${level}`)], rows));
}

function startEqualQuality() {
  if (!report.equalQuality?.length) return;
  show("equal-quality");
  fill(byId("equal-metric"), report.equalQuality.map(({ metric }) =>
    [metric, report.metrics.find((entry) => entry.name === metric).label]));
  byId("equal-metric").addEventListener("change", drawEqualQuality);
  drawEqualQuality();
}

function startSpeed() {
  if (!report.speed || !Object.keys(report.speed).length) return;
  show("speed");
  const peer = report.speed[report.speedPeer];
  const memory = report.memory ?? {};
  byId("speed-intro").textContent = "Megapixels per CPU second on one thread, over all measured settings"
    + (peer ? `; ratios are to ${label(report.speedPeer)}` : "")
    + (report.memoryPicture ? `. Memory is what the process grows by beyond the picture itself, on ${report.memoryPicture[0]}`
      + ` (repeated to ${report.memoryPicture[1]} × ${report.memoryPicture[2]} pixels).` : ".");
  const megabytes = (value) => (value === null || value === undefined ? "–" : (value / 1e6).toFixed(1));
  const header = ["Codec", "encode MP/s", "decode MP/s", ...(peer ? ["encode ratio", "decode ratio"] : []),
    ...(report.memoryPicture ? ["encode MB", "decode MB"] : [])];
  byId("speed-table").replaceChildren(table("Speed and memory", header, lossy.map((codec) => {
    const own = report.speed[codec.name];
    return [codec.label, ...own.map(significant), ...(peer ? own.map((value, i) => significant(value / peer[i])) : []),
      ...(report.memoryPicture ? [0, 1].map((i) => megabytes(memory[codec.name]?.[i])) : [])];
  })));
}

function startLossless() {
  const names = Object.keys(report.lossless ?? {});
  if (!names.length) return;
  show("lossless");
  byId("lossless-table").replaceChildren(table("Lossless sizes", ["Codec", "bits per pixel", "encode MP/s", "decode MP/s"],
    names.map((name) => [label(name), ...report.lossless[name].map(significant)])));
}

function startCodecs() {
  if (!codecs.length) return;
  show("codecs");
  byId("codec-table").replaceChildren(table("Codecs and settings", ["Codec", "Set to", "Version"],
    codecs.map((codec) => [codec.label, { text: codec.note, kind: "text" }, { text: codec.version, kind: "text" }])));
}

function startPair() {
  if (!report.pair) return;
  show("pair");
  byId("pair-table").replaceChildren(table("Metrics", ["Metric", "Value"], report.pair));
}

function startLosses() {
  if (!report.losses) return;
  show("losses");
  const lines = report.losses.length ? report.losses : ["Nowhere in these measurements."];
  byId("loss-list").append(...lines.map((line) => element("li", {}, line)));
}
