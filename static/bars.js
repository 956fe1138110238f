// Bars by day, drawn with uPlot:
//   <div data-bars='{"starts": [unix_s, ...], "values": [...]}' data-bars-divisor="1000" data-bars-digits="1"
//        data-bars-unit="kWh" data-bars-zone="Europe/Zurich" data-bars-lang="de-CH" role="img" aria-label="..."></div>
// A table with the same numbers stands beside it, so nothing is lost without this.
"use strict";

(() => {
  const charts = new Map(); // element -> {chart, width}
  const HEIGHT = 150;

  const formats = (host) => {
    const { barsLang: lang, barsDigits: digits, barsUnit: unit, barsZone: timeZone } = host.dataset;
    const number = new Intl.NumberFormat(lang, { minimumFractionDigits: +digits, maximumFractionDigits: +digits });
    const coarse = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(lang, { day: "2-digit", month: "2-digit", timeZone });
    const before = unit.length === 3 && unit === unit.toUpperCase(); // currencies stand before the amount
    const shown = (text) => (before ? `${unit} ${text}` : `${text} ${unit}`);
    return {
      value: (value) => shown(number.format(value)),
      axis: (value) => coarse.format(value),
      day: (seconds) => day.format(new Date(seconds * 1000)),
    };
  };

  // the day under the pointer, in words, beside the total
  const say = (host, chart, words) => {
    const place = host.parentNode.querySelector(".chart-day");
    const at = chart.cursor.idx;
    if (place) place.textContent = at === null || at === undefined ? "" : `${words.day(chart.data[0][at])} ${words.value(chart.data[1][at])}`;
  };

  const options = (host, width, data) => {
    // a canvas knows no variables: the style sheet puts the colours where the browser works them out
    const { color: ink, borderTopColor: grid, outlineColor: fill } = getComputedStyle(host);
    const words = formats(host);
    const font = "12px Inter, system-ui, sans-serif";
    const half = 43200;
    return {
      width,
      height: HEIGHT,
      padding: [8, 20, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      legend: { show: false },
      hooks: { setCursor: [(chart) => say(host, chart, words)] },
      scales: {
        x: { time: false, range: [data[0][0] - half, data[0][data[0].length - 1] + half] },
        y: { range: [0, Math.max(1, ...data[1]) * 1.1] },
      },
      series: [
        {},
        {
          fill,
          stroke: fill,
          width: 0,
          paths: uPlot.paths.bars({ size: [0.7, 28], radius: 0.2 }),
          points: { show: false },
        },
      ],
      axes: [
        {
          stroke: ink,
          font,
          size: 28,
          grid: { show: false },
          ticks: { show: false },
          space: 60,
          splits: () => data[0].filter((_, place) => (data[0].length - 1 - place) % (width < 420 ? 9 : 5) === 0),
          values: (_, splits) => splits.map(words.day),
        },
        {
          stroke: ink,
          font,
          size: 44,
          space: 40,
          grid: { stroke: grid, width: 1 },
          ticks: { show: false },
          values: (_, splits) => splits.map(words.axis),
        },
      ],
    };
  };

  const draw = (host) => {
    const width = Math.floor(host.clientWidth);
    const known = charts.get(host);
    if (!width || (known && known.width === width && host.contains(known.chart.root))) return;
    const { starts, values } = JSON.parse(host.dataset.bars);
    const data = [starts, values.map((value) => value / +host.dataset.barsDivisor)];
    if (known) known.chart.destroy();
    const chart = new uPlot(options(host, width, data), data, host);
    charts.set(host, { chart, width });
    resizes.observe(host);
  };

  const drawAll = () => document.querySelectorAll("[data-bars]").forEach(draw);
  const resizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
  const redraw = () => {
    for (const known of charts.values()) known.width = 0;
    drawAll();
  };

  document.addEventListener("DOMContentLoaded", () => {
    drawAll();
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  });
})();
