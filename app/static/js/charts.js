// Charts by day or by class: each [data-chart] carries {days, values, texts}; a class is a word. Bars from zero in the colours of the theme; the day under
// the pointer is said below. Whoever can't see it has the sum in words and the table beside it.
"use strict";
(() => {
  const FEW = 7;
  const HEIGHT = 176;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = (day) => !/^\d{4}-/.test(day) ? day : day.slice(5).split("-").map(Number).join("-");
  const drawn = new Map();

  const said = (box, given, at) => {
    const line = box.nextElementSibling;
    if (at !== null && at !== undefined) line.textContent = `${short(given.days[at])}　${given.texts[at]}`;
  };

  const label = (given) => (u) => {
    if (given.days.length > FEW) return;
    const { ctx } = u;
    ctx.save();
    ctx.fillStyle = colour("--text-2");
    ctx.font = u.axes[0].font[0];
    ctx.textAlign = "center";
    given.values.forEach((value, at) => {
      if (value === null) return;
      ctx.fillText(value, u.valToPos(at, "x", true), u.valToPos(value, "y", true) - 6 * devicePixelRatio);
    });
    ctx.restore();
  };

  function options(box, given) {
    const last = given.days.length - 1;
    const axis = { stroke: colour("--text-3"), font: `12px ${getComputedStyle(document.body).fontFamily}` };
    const lines = { stroke: colour("--line"), width: 1 };
    return {
      width: box.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: [-0.6, last + 0.6] },
        y: { range: (u, low, high) => [0, (high || 1) * 1.15] },
      },
      axes: [
        {
          ...axis, size: 28, grid: { show: false }, ticks: { show: false },
          splits: () => given.days.map((_, at) => at).filter((at) => last < FEW || (last - at) % 5 === 0),
          values: (u, splits) => splits.map((at) => short(given.days[at])),
        },
        { ...axis, size: (u, marks) => 16 + 8 * Math.max(4, ...(marks ?? []).map((mark) => mark.length)), grid: lines, ticks: { show: false }, splits: null },
      ],
      series: [
        {},
        { fill: colour("--accent-mark"), stroke: colour("--accent-mark"), width: 0, points: { show: false },
          paths: uPlot.paths.bars({ size: [0.7, 28], radius: 0.1 }) },
      ],
      hooks: { draw: [label(given)], setCursor: [(u) => said(box, given, u.cursor.idx)] },
    };
  }

  function draw(box) {
    const given = JSON.parse(box.dataset.chart);
    drawn.get(box)?.destroy();
    drawn.set(box, new uPlot(options(box, given), [given.days.map((_, at) => at), given.values], box));
    said(box, given, given.values.findLastIndex((value) => value !== null));
  }

  const widths = new ResizeObserver((changes) => {
    for (const { target } of changes) drawn.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT });
  });
  const look = () => {
    for (const [box, chart] of drawn) if (!box.isConnected) { chart.destroy(); drawn.delete(box); }
    for (const box of document.querySelectorAll("[data-chart]")) if (!drawn.has(box)) { draw(box); widths.observe(box); }
  };
  document.addEventListener("DOMContentLoaded", look);
  document.addEventListener("htmx:afterSettle", look);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
})();
