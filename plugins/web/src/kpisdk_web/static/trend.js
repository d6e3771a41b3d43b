"use strict";
// Draws a trend with uPlot in the place of the drawing that the page came with, so that it can be
// read point by point, with a pointer or with the arrow keys. Without it the page is whole.
(() => {
  const NARROW = 520;

  const colours = (element) => {
    const style = getComputedStyle(element);
    return (name) => style.getPropertyValue(`--${name}`).trim();
  };

  const shown = (number) => String(Number(number.toPrecision(6)));

  const zonesBehind = (zones, colour) => (chart) => {
    const { left, top, width, height } = chart.bbox;
    const pen = chart.ctx;
    pen.save();
    pen.globalAlpha = 0.3;
    for (const [status, low, high] of zones) {
      const above = high === null ? top : chart.valToPos(high, "y", true);
      const below = low === null ? top + height : chart.valToPos(low, "y", true);
      const from = Math.max(top, Math.min(above, top + height));
      const to = Math.max(top, Math.min(below, top + height));
      pen.fillStyle = colour(`z${status}`);
      pen.fillRect(left, from, width, to - from);
    }
    pen.restore();
  };

  // What was remembered of a period: a broken line with the sign that the list and the table have.
  const marksOver = (marks, colour) => (chart) => {
    const { top, height } = chart.bbox;
    const ratio = devicePixelRatio;
    const pen = chart.ctx;
    pen.save();
    pen.strokeStyle = colour("ink");
    pen.fillStyle = colour("ink");
    pen.lineWidth = ratio;
    pen.setLineDash([3 * ratio, 3 * ratio]);
    pen.font = `${12 * ratio}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "bottom";
    for (const [index, sign] of marks) {
      // On the middle of a pixel, so that a thin line is not spread over two.
      const x = Math.round(chart.valToPos(index, "x", true)) + (Math.round(ratio) % 2) / 2;
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
      pen.fillText(sign, x, top - 2 * ratio);
    }
    pen.restore();
  };

  const range = (rows, zones) => {
    const numbers = rows.flatMap((row) => row.slice(1, 4)).concat(zones.flatMap((zone) => zone.slice(1)));
    const known = numbers.filter((number) => number !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const room = (high - low) * 0.08 || Math.abs(high) * 0.08 || 1;
    return [low - room, high + room];
  };

  const draw = (figure) => {
    const rows = JSON.parse(figure.dataset.rows);
    const zones = JSON.parse(figure.dataset.zones);
    const marks = JSON.parse(figure.dataset.marks);
    const remembered = new Map(marks.map(([index, sign, text]) => [index, `; mark ${sign}: ${text}`]));
    const drawing = figure.querySelector("svg.trend");
    const colour = colours(figure);
    const told = document.createElement("p");
    told.className = "told";
    told.setAttribute("aria-live", "polite");
    const place = document.createElement("div");
    place.className = "canvas";
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", `${drawing.getAttribute("aria-label")}. Left and right arrow keys go from period to period.`);
    const tell = (index) => {
      const row = rows[index];
      if (row) told.textContent = `${row[0]}: ${row[4]}${row[5] ? `, ${row[5]}` : ""}${remembered.get(index) || ""}`;
    };
    const size = () => {
      const width = Math.max(240, figure.clientWidth);
      return { width, height: width < NARROW ? 240 : 320 };
    };
    const axis = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false },
      font: "12px system-ui, sans-serif" };
    const chart = new uPlot({
      ...size(),
      legend: { show: false },
      padding: [18, null, null, null],
      cursor: { drag: { x: false, y: false }, points: { size: 9 } },
      scales: { x: { time: false }, y: { range: () => range(rows, zones) } },
      series: [
        {},
        { points: { show: false }, width: 0 },
        { points: { show: false }, width: 0 },
        { stroke: colour("stroke"), width: 2, points: { show: true, size: 6, fill: colour("stroke") }, spanGaps: false },
      ],
      bands: [{ series: [2, 1], fill: `${colour("band")}88` }],
      axes: [
        { ...axis, splits: (self) => {
          const every = Math.max(1, Math.ceil(rows.length / Math.max(1, Math.floor(self.width / 90))));
          return rows.map((_, index) => index).filter((index) => (rows.length - 1 - index) % every === 0);
        }, values: (_, splits) => splits.map((index) => (rows[index] ? rows[index][0] : "")) },
        { ...axis, size: 64, values: (_, splits) => splits.map(shown) },
      ],
      hooks: { drawClear: [zonesBehind(zones, colour)], draw: [marksOver(marks, colour)], setCursor: [(self) => tell(self.cursor.idx)] },
    }, [rows.map((_, index) => index), ...[2, 3, 1].map((column) => rows.map((row) => row[column]))], place);
    drawing.after(place, told);
    drawing.classList.add("print-only");
    let at = rows.length - 1;
    tell(at);
    place.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = Math.min(rows.length - 1, Math.max(0, at + step));
      const left = chart.valToPos(at, "x");
      const top = rows[at][1] === null ? 0 : chart.valToPos(rows[at][1], "y");
      chart.setCursor({ left, top });
      tell(at);
    });
    new ResizeObserver(() => chart.setSize(size())).observe(figure);
    return () => {
      chart.destroy();
      place.remove();
      told.remove();
    };
  };

  for (const figure of document.querySelectorAll("figure.chart")) {
    let undo = draw(figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      undo();
      undo = draw(figure);
    });
  }
})();
