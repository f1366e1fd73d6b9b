// Starts the sections that there are figures for, in the order of the page.

byId("machine").textContent = report.machine.text;
if (report.notes) {
  byId("notes").hidden = false;
  byId("notes").textContent = report.notes;
}
for (const start of [startLosses, startSlider, startCurves, startBdRates, startEqualQuality, startSpeed, startLossless,
  startCodecs, startPair]) start();
document.documentElement.dataset.ready = "true";
