// The power curve of a session, drawn with uPlot:
//   <div data-curve='{"points": [[unix_s, power_w, energy_wh], ...]}'
//        data-curve-time="Time" data-curve-power="Power" data-curve-energy="Energy" data-curve-zone="Europe/Zurich" data-curve-lang="de"
//        role="img" aria-label="..."></div>
// `power_w` and `energy_wh` may be null. The element's own content (a drawing or words) stays where there is no script.
// After a swap or morph by htmx the curve is drawn anew: seen by a MutationObserver, before the browser paints.
"use strict";

(() => {
  const charts = new Map(); // element -> {chart, drawn: the text it was drawn from, width}
  const HEIGHT = 200;
  const SHORT_S = 300; // below this the axis tells seconds, too

  const colour = (host, name, otherwise) => getComputedStyle(host).getPropertyValue(name).trim() || otherwise;
  const number = (digits, host) =>
    new Intl.NumberFormat(host.dataset.curveLang || "de-CH", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });

  const columns = (points) => [
    points.map((point) => point[0]),
    points.map((point) => (point[1] === null ? null : point[1] / 1000)),
    points.map((point) => (point[2] === null ? null : point[2] / 1000)),
  ];

  const showLast = (chart) => chart.setLegend({ idx: chart.data[0].length - 1 });

  const options = (host, width, data) => {
    const ink = getComputedStyle(host).color;
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const theme = document.documentElement.dataset.bsTheme;
    const grid = theme === "dark" || (!theme && dark) ? "rgba(255,255,255,.12)" : "rgba(0,0,0,.08)";
    const power = colour(host, "--curve-power", "#0b6e6e");
    const energy = colour(host, "--curve-energy", "#9a5b00");
    const zone = host.dataset.curveZone;
    const font = "12px Inter, system-ui, sans-serif";
    const axis = (more) => ({ stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, ...more });
    const one = number(1, host);
    const three = number(3, host);
    const clock = new Intl.DateTimeFormat(host.dataset.curveLang || "de-CH", {
      hour: "2-digit",
      minute: "2-digit",
      second: data[0].at(-1) - data[0][0] < SHORT_S ? "2-digit" : undefined,
      hour12: false,
      timeZone: zone || undefined,
    });
    const highest = (column, least) => Math.max(least, ...data[column].filter((value) => value !== null));
    return {
      width,
      height: HEIGHT,
      padding: [8, 28, 0, 0],
      tzDate: (seconds) => (zone ? uPlot.tzDate(new Date(seconds * 1000), zone) : new Date(seconds * 1000)),
      cursor: { points: { size: 8 }, drag: { x: false, y: false } },
      legend: { live: true },
      hooks: { setCursor: [(chart) => chart.cursor.idx === null && showLast(chart)] },
      scales: {
        x: { time: true },
        power: { range: [0, highest(1, 1) * 1.1] },
        energy: { range: [0, highest(2, 0.1) * 1.1] },
      },
      series: [
        {
          label: host.dataset.curveTime || "⏱",
          value: (_, seconds) => (seconds === null ? "–" : clock.format(new Date(seconds * 1000))),
        },
        {
          label: host.dataset.curvePower || "kW",
          scale: "power",
          stroke: power,
          fill: `${power}22`,
          width: 2,
          spanGaps: true,
          points: { show: data[0].length < 3 },
          value: (_, value) => (value === null ? "–" : `${one.format(value)} kW`),
        },
        {
          label: host.dataset.curveEnergy || "kWh",
          scale: "energy",
          stroke: energy,
          width: 2,
          dash: [5, 4],
          spanGaps: true,
          points: { show: data[0].length < 3 },
          value: (_, value) => (value === null ? "–" : `${three.format(value)} kWh`),
        },
      ],
      axes: [
        axis({ values: (_, splits) => splits.map((seconds) => clock.format(new Date(seconds * 1000))), space: 70 }),
        axis({ scale: "power", size: 48, values: (_, splits) => splits.map((value) => `${value} kW`), space: 40 }),
      ],
    };
  };

  const parsed = (text) => {
    try {
      return JSON.parse(text).points || [];
    } catch {
      return []; // a broken drawing is not worth a broken page: the text alternative stands beside it
    }
  };

  const draw = (host) => {
    const text = host.dataset.curve;
    const known = charts.get(host);
    const width = Math.floor(host.clientWidth);
    const intact = known && host.contains(known.chart.root);
    if (!width || (intact && known.drawn === text && known.width === width)) return;
    const data = columns(parsed(text));
    if (known) known.chart.destroy();
    charts.delete(host);
    if (data[0].length < 2) return;
    host.replaceChildren();
    const chart = new uPlot(options(host, width, data), data, host);
    showLast(chart);
    charts.set(host, { chart, drawn: text, width });
    resizes.observe(host);
  };

  const drawAll = () => {
    for (const [host, known] of charts) {
      if (!host.isConnected) {
        known.chart.destroy();
        charts.delete(host);
        resizes.unobserve(host);
      }
    }
    document.querySelectorAll("[data-curve]").forEach(draw);
  };

  const resizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
  const redrawInNewColours = () => {
    for (const known of charts.values()) known.drawn = "";
    drawAll();
  };

  const begin = () => {
    drawAll();
    new MutationObserver(drawAll).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["data-curve"],
    });
    new MutationObserver(redrawInNewColours).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawInNewColours);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
