// Draws each [data-chart] with Chart.js from the JSON beside it, once it comes near the window: until then a phone is spared
// the library. Colours come from tokens.css; patterns tell series apart without colour.
"use strict";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Plain, hatched, dotted, cross-hatched and so on: what the eye tells apart in print too.
const PATTERNS = [
  null,
  (pen, size) => line(pen, 0, size, size, 0),
  (pen, size) => dot(pen, size / 2, size / 2),
  (pen, size) => line(pen, 0, size / 2, size, size / 2),
  (pen, size) => line(pen, 0, 0, size, size),
  (pen, size) => line(pen, size / 2, 0, size / 2, size),
];
const COLOURS = ["--water", "--soft", "--ok", "--warn", "--bad", "--edge"];
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 4], [12, 4]];
const POINTS = ["circle", "rect", "triangle", "rectRot", "cross", "star"];

function line(pen, fromX, fromY, toX, toY) {
  pen.beginPath();
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
  pen.stroke();
}

function dot(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y, 1.8, 0, 2 * Math.PI);
  pen.fill();
}

function fill(index) {
  const colour = token(COLOURS[index % COLOURS.length]);
  const draw = PATTERNS[index % PATTERNS.length];
  if (!draw) return colour;
  const size = 7;
  const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = tile.getContext("2d");
  pen.fillStyle = token("--surface");
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = 1.6;
  draw(pen, size);
  return pen.createPattern(tile, "repeat");
}

function dataset(series, index, kind) {
  const colour = token(COLOURS[index % COLOURS.length]);
  const values = series.values.map((value) => (value === null ? null : Number(value)));
  const common = { label: series.label, data: values, borderColor: colour };
  if (kind === "line") {
    return { ...common, backgroundColor: colour, borderWidth: 2.5, borderDash: DASHES[index % DASHES.length], pointStyle: POINTS[index % POINTS.length], pointRadius: 4, tension: 0.2 };
  }
  return { ...common, backgroundColor: fill(index), borderWidth: 1, borderRadius: 3, maxBarThickness: 32 };
}

function options(kind, data) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const unit = data.unit ? `\u00a0${data.unit}` : "";
  const grid = { color: token("--line"), drawTicks: false };
  return {
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 300 },
    maintainAspectRatio: false,
    color: token("--ink"),
    font: { family: token("--font") },
    interaction: { mode: "index", intersect: false },
    scales: {
      x: { stacked: kind === "stacked", grid: { display: false }, border: { color: token("--edge") }, ticks: { color: token("--soft") } },
      y: { stacked: kind === "stacked", beginAtZero: true, grid, border: { display: false }, ticks: { color: token("--soft"), padding: 8, maxTicksLimit: 6, callback: (value) => number.format(value) } },
    },
    plugins: {
      legend: { display: data.series.length > 1, position: "bottom", align: "start", labels: { color: token("--ink"), usePointStyle: kind === "line", boxWidth: 16, boxHeight: 14, padding: 16 } },
      tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${number.format(item.parsed.y)}${unit}` } },
    },
  };
}

const charts = new Map();

function draw(box) {
  const data = JSON.parse(document.getElementById(`${box.dataset.chart}-data`).textContent);
  const kind = box.dataset.kind;
  charts.get(box)?.destroy();
  charts.set(box, new Chart(document.getElementById(box.dataset.chart), {
    type: kind === "line" ? "line" : "bar",
    data: { labels: data.labels, datasets: data.series.map((series, index) => dataset(series, index, kind)) },
    options: options(kind, data),
  }));
}

const { library } = document.currentScript.dataset;
let loading = null;
const loaded = () => loading ??= new Promise((done) => {
  const script = Object.assign(document.createElement("script"), { src: library });
  script.addEventListener("load", () => {
    Chart.defaults.font.family = token("--font");
    Chart.defaults.font.size = 13;
    done();
  });
  document.head.append(script);
});

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    loaded().then(() => draw(target));
  }
}, { rootMargin: "200px" });
document.querySelectorAll("[data-chart]").forEach((box) => near.observe(box));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((_chart, box) => draw(box)));
