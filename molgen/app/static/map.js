// The map: a point per molecule, coloured by a column, which grows with a running campaign without moving what is there.
const place = document.getElementById("map");
const plane = document.getElementById("plane");
const colourBy = document.getElementById("map-colour");
const note = document.getElementById("map-note");
const tip = document.getElementById("map-tip");
const drawing = document.getElementById("map-drawing");
const about = document.getElementById("map-about");
const opener = document.getElementById("map-open");
const anew = document.getElementById("map-anew");
const said = document.getElementById("said");
const table = document.getElementById("table");
const WORD = place.dataset.word;
const [LEVELS, RADIUS, REACH, EDGE, TOGETHER] = [24, 2.6, 14, 14, 20]; // colours; px of a point, from which it is found, and around all; circles
// Cividis (Nuñez, Anderton and Renslow, PLOS ONE 13, e0199239, 2018), made for colour-blind readers, from dark to light.
const RAMP = ["#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78", "#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838"];
const FIELDS = ["ids", "smiles", "x", "y", "like", "values", "scores"];

let have = empty();
let answer = null; // the last that had points
let chart = null;
let at = -1; // the point that is told of
let seen = false;
let busy = false;
let again = false;
let later = 0;
let scale = { low: 0, high: 1, colours: [], levels: [] };
let selected = new Set();
let printing = false;

function empty() {
  return Object.fromEntries(FIELDS.map((name) => [name, []]));
}

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (value) => (value == null ? "–" : Number.isInteger(value) ? value.toLocaleString("en") : value.toPrecision(3));
const dark = () => !printing && matchMedia("(prefers-color-scheme: dark)").matches;

function mixed(share) {
  const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const [from, to] = [Math.floor(at), Math.ceil(at)].map((i) => [1, 3, 5].map((j) => parseInt(RAMP[i].slice(j, j + 2), 16)));
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * (at % 1))).join(" ")})`;
}

// On a light page the highest values are darkest, on a dark one lightest; the ends that would fade away are left out.
function colours() {
  return Array.from({ length: LEVELS }, (_, i) => (dark() ? mixed(0.28 + (0.72 * i) / (LEVELS - 1)) : mixed(0.94 - (0.94 * i) / (LEVELS - 1))));
}

function rescale() {
  const known = have.values.filter((value) => value !== null).sort((a, b) => a - b);
  const quantile = (share) => known[Math.round(share * (known.length - 1))] ?? 0;
  let [low, high] = [quantile(0.02), quantile(0.98)];
  if (!(high > low)) [low, high] = [quantile(0), quantile(1)];
  const span = high > low ? high - low : 1;
  const level = (value) => Math.min(LEVELS - 1, Math.max(0, Math.floor(((value - low) / span) * LEVELS)));
  const levels = Array.from({ length: LEVELS + 1 }, () => []); // the last for what has no value
  have.values.forEach((value, i) => levels[value === null ? LEVELS : level(value)].push(i));
  scale = { low, high, colours: colours(), levels };
  document.getElementById("map-scale").hidden = !known.length;
  document.getElementById("map-marks").hidden = false;
  document.getElementById("map-low").textContent = `${known[0] < low ? "≤ " : ""}${number(low)}`;
  document.getElementById("map-high").textContent = `${known.at(-1) > high ? "≥ " : ""}${number(high)}`;
  document.getElementById("map-ramp").style.background = `linear-gradient(to right, ${scale.colours.join(", ")})`;
}

function ends(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

// The same number of px for a distance in both directions.
function ranges({ width, height }) {
  const [[left, right], [low, high]] = [ends(have.x), ends(have.y)];
  const unit = Math.max((right - left) / (width - 2 * EDGE), (high - low) / (height - 2 * EDGE), 1e-6);
  const around = (middle, length) => [middle - (unit * length) / 2, middle + (unit * length) / 2];
  return [around((left + right) / 2, width), around((low + high) / 2, height)];
}

function toPixel(u) {
  const { left, top, width, height } = u.bbox;
  const [x, y] = [u.scales.x, u.scales.y];
  return (i) => [left + ((have.x[i] - x.min) / (x.max - x.min)) * width, top + (1 - (have.y[i] - y.min) / (y.max - y.min)) * height];
}

// Some circles at a time: a path of all would take longer to fill, since they overlap.
function circles(points, pixel, radius, then) {
  for (let first = 0; first < points.length; first += TOGETHER) {
    const path = new Path2D();
    for (const i of points.slice(first, first + TOGETHER)) {
      const [x, y] = pixel(i);
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    }
    then(path);
  }
}

function paint(u) {
  const { ctx } = u;
  const pixel = toPixel(u);
  const unit = uPlot.pxRatio;
  const radius = (have.ids.length > 5000 ? 0.75 : 1) * RADIUS * unit;
  ctx.lineWidth = unit;
  scale.levels.forEach((points, level) => {
    ctx.fillStyle = ctx.strokeStyle = level === LEVELS ? css("--edge") : scale.colours[level];
    const full = (i) => have.like[i] && level < LEVELS;
    circles(points.filter(full), pixel, radius, (path) => ctx.fill(path));
    circles(points.filter((i) => !full(i)), pixel, radius, (path) => ctx.stroke(path));
  });
  ctx.save();
  marks(ctx, pixel, unit);
  letters(ctx, u, unit);
  ctx.restore();
}

function marks(ctx, pixel, unit) {
  const ink = printing ? "#000" : css("--ink");
  const where = new Map(have.ids.map((id, i) => [id, i]));
  const each = (numbers, draw) => {
    for (const id of numbers ?? []) if (where.has(id)) draw(...pixel(where.get(id)));
  };
  const shape = (points, x, y, size) => {
    ctx.beginPath();
    points.forEach(([dx, dy], i) => ctx[i ? "lineTo" : "moveTo"](x + dx * size * unit, y + dy * size * unit));
    ctx.closePath();
  };
  ctx.lineWidth = 1.6 * unit;
  ctx.strokeStyle = css("--accent");
  each(selected, (x, y) => {
    ctx.beginPath();
    ctx.arc(x, y, (RADIUS + 2) * unit, 0, 2 * Math.PI);
    ctx.stroke();
  });
  ctx.strokeStyle = ink;
  each(answer.marks.reject, (x, y) => {
    const size = 4.5 * unit;
    ctx.beginPath();
    for (const side of [1, -1]) {
      ctx.moveTo(x - size, y - side * size);
      ctx.lineTo(x + size, y + side * size);
    }
    ctx.stroke();
  });
  ctx.fillStyle = printing ? "#fff" : css("--card");
  each(answer.marks.start, (x, y) => {
    shape([[0, -1], [1, 0], [0, 1], [-1, 0]], x, y, 6.5);
    ctx.fill();
    ctx.stroke();
  });
  ctx.fillStyle = css("--star");
  const star = Array.from({ length: 10 }, (_, i) => [i % 2 ? 0.42 : 1, (i * Math.PI) / 5]).map(([r, a]) => [r * Math.sin(a), -r * Math.cos(a)]);
  each(answer.marks.star, (x, y) => {
    shape(star, x, y, 7.5);
    ctx.fill();
    ctx.stroke();
  });
}

function letters(ctx, u, unit) {
  ctx.font = `600 ${14 * unit}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 4 * unit;
  ctx.strokeStyle = printing ? "#fff" : css("--card");
  ctx.fillStyle = printing ? "#000" : css("--ink");
  for (const [letter, x, y] of answer.regions) {
    const [left, top] = [u.valToPos(x, "x", true), u.valToPos(y, "y", true)];
    ctx.strokeText(letter, left, top);
    ctx.fillText(letter, left, top);
  }
}

function size() {
  const width = Math.max(plane.clientWidth, 100);
  const [[left, right], [low, high]] = [ends(have.x), ends(have.y)];
  const height = (width - 2 * EDGE) * ((high - low) / Math.max(right - left, 1e-6)) + 2 * EDGE;
  return { width, height: Math.round(Math.min(Math.max(height, 240), 600)) };
}

function draw() {
  if (!answer) return;
  const room = size();
  const [x, y] = ranges(room);
  if (!chart) {
    chart = new uPlot(
      {
        mode: 2,
        ...room,
        legend: { show: false },
        padding: [0, 0, 0, 0],
        axes: [{ show: false }, { show: false }],
        scales: { x: { time: false, auto: false, min: x[0], max: x[1] }, y: { auto: false, min: y[0], max: y[1] } },
        cursor: { points: { show: false }, x: false, y: false, dataIdx: () => null, drag: { x: true, y: true, dist: 4, setScale: false } },
        series: [null, { facets: [{ scale: "x", auto: false }, { scale: "y", auto: false }], paths: () => null }],
        hooks: { draw: [paint], setCursor: [({ cursor }) => pointed(cursor.left, cursor.top)], setSelect: [({ select }) => brushed(select)] },
      },
      [null, [[], []]],
      plane,
    );
    chart.over.addEventListener("click", () => open());
    chart.over.addEventListener("mouseleave", () => tell(-1));
    return;
  }
  chart.batch(() => {
    if (chart.width !== room.width || chart.height !== room.height) chart.setSize(room);
    chart.setScale("x", { min: x[0], max: x[1] });
    chart.setScale("y", { min: y[0], max: y[1] });
    chart.redraw(false);
  });
}

function offset(i) {
  return [chart.valToPos(have.x[i], "x"), chart.valToPos(have.y[i], "y")];
}

// The point that is nearest to a place, as `far` tells distances.
function nearest(far) {
  let [best, found] = [Infinity, -1];
  for (let i = 0; i < have.ids.length; i += 1) {
    const distance = far(i);
    if (distance < best) [best, found] = [distance, i];
  }
  return [found, best];
}

function pointed(left, top) {
  if (left < 0 || !answer) return;
  const [x, y] = [chart.posToVal(left, "x"), chart.posToVal(top, "y")];
  const [found, distance] = nearest((i) => (have.x[i] - x) ** 2 + (have.y[i] - y) ** 2);
  const reach = chart.posToVal(REACH, "x") - chart.posToVal(0, "x");
  tell(distance <= reach ** 2 ? found : -1);
}

let waiting = 0;
function tell(i, aloud = false) {
  if (i === at) return;
  at = i;
  tip.hidden = i < 0;
  clearTimeout(waiting);
  if (i < 0) return;
  const shown = colourBy.selectedOptions[0];
  const lines = [`${WORD} ${have.ids[i]}`, `score ${have.scores[i] == null ? "–" : have.scores[i].toFixed(3)}`];
  if (!["score", "id"].includes(shown.value)) lines.push(`${shown.textContent}: ${number(have.values[i])}`);
  about.textContent = lines.join(" · ");
  drawing.removeAttribute("src");
  drawing.alt = have.smiles[i];
  waiting = setTimeout(() => (drawing.src = `/molecule.svg?smiles=${encodeURIComponent(have.smiles[i])}&width=200&height=140`), 40);
  const [x, y] = offset(i);
  const [left, top] = [plane.offsetLeft + x, plane.offsetTop + y];
  tip.style.left = `${Math.max(4, left + 14 + tip.offsetWidth > place.clientWidth ? left - tip.offsetWidth - 14 : left + 14)}px`;
  tip.style.top = `${Math.max(4, Math.min(top - 40, place.clientHeight - tip.offsetHeight - 4))}px`;
  if (aloud) said.textContent = `${lines.join(", ")}: ${have.smiles[i]}`;
}

function open() {
  if (at < 0) return;
  opener.dataset.molecule = have.ids[at];
  opener.click();
}

function brushed({ left, top, width, height }) {
  if (width < 4 || height < 4) return;
  const [x0, x1] = [left, left + width].map((value) => chart.posToVal(value, "x"));
  const [y1, y0] = [top, top + height].map((value) => chart.posToVal(value, "y"));
  const within = have.ids.map((_, i) => i).filter((i) => have.x[i] >= x0 && have.x[i] <= x1 && have.y[i] >= y0 && have.y[i] <= y1);
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  table.dispatchEvent(new CustomEvent("select", { detail: within.map((i) => [have.ids[i], have.smiles[i]]) }));
  said.textContent = `${within.length.toLocaleString("en")} molecules selected in the table`;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
plane.addEventListener("keydown", (event) => {
  if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = WAYS[event.key];
  if (way && at >= 0) {
    const [found] = nearest((i) => {
      const [dx, dy] = [have.x[i] - have.x[at], have.y[i] - have.y[at]];
      const ahead = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
    });
    if (found >= 0) tell(found, true);
  } else if (way || event.key === "Home") {
    tell(nearest((i) => -(have.scores[i] ?? -Infinity))[0], true);
  } else if (event.key === "Enter") open();
  else if (event.key === "Escape") tell(-1);
  else return;
  event.preventDefault();
});
plane.addEventListener("blur", () => tell(-1));

function words() {
  const shown = have.ids.length;
  const parts = [shown < answer.all ? `${shown.toLocaleString("en")} of ${answer.all.toLocaleString("en")} molecules.` : `${shown.toLocaleString("en")} molecules.`];
  if (answer.faithful) {
    const [trust, near, any] = answer.faithful.map((value) => value.toFixed(2));
    parts.push(`A molecule and its nearest on the map have a Tanimoto similarity of ${near} (median), any two of ${any}; trustworthiness ${trust}, where 1 is perfect and 0.5 is chance.`);
  }
  if (answer.since) parts.push(`${answer.since.toLocaleString("en")} came after the map was laid out, and lie beside what they are most similar to.`);
  if (answer.unlike) parts.push(`${answer.unlike.toLocaleString("en")} are unlike all that it was laid out with: their place says little.`);
  note.textContent = parts.join(" ");
  anew.hidden = !place.dataset.anew || (!answer.since && shown === answer.all);
}

const WAITING = {
  waiting: () => "The map is being laid out; that takes half a minute for thousands of molecules.",
  few: (found) => `The map begins with ${found.missing.toLocaleString("en")} more molecules.`,
  failed: (found) => found.said,
};

async function follow() {
  if (!seen) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  again = false;
  try {
    const asked = new URLSearchParams({ colour: colourBy.value, version: answer?.version ?? "", have: have.ids.length });
    const told = await fetch(`${place.dataset.url}?${asked}`);
    if (!told.ok) {
      note.textContent = await told.text();
      return;
    }
    const found = await told.json();
    if (found.state === "ready") take(found);
    else if (!answer) note.textContent = WAITING[found.state](found);
    if (found.state === "waiting") soon(700);
  } catch {
    note.textContent = "The page's server doesn't answer.";
  } finally {
    busy = false;
  }
  if (again) soon(0);
}

function take(found) {
  const begun = found.version.split(" ")[0] !== answer?.version.split(" ")[0];
  const marked = JSON.stringify(found.marks) !== JSON.stringify(answer?.marks);
  const others = found.first === 0 || found.version !== answer?.version;
  if (others) {
    have = empty();
    tell(-1);
  }
  for (const name of FIELDS) for (const value of found[name]) have[name].push(value);
  answer = found;
  words();
  if (begun) htmx.ajax("GET", place.dataset.regions, { target: "#regions", swap: "innerHTML" });
  if (!others && !marked && !found.ids.length) return;
  rescale();
  requestAnimationFrame(draw); // a task of its own
}

function soon(pause) {
  if (later) return;
  later = setTimeout(() => {
    later = 0;
    follow();
  }, pause);
}

colourBy.addEventListener("change", follow);
anew.addEventListener("click", async () => {
  anew.hidden = true;
  note.textContent = WAITING.waiting();
  await fetch(place.dataset.anew, { method: "POST" });
  answer = null;
  follow();
});
place.addEventListener("changed", () => soon(have.ids.length > 5000 ? 5000 : 2000));
place.addEventListener("judged", () => soon(0));
document.addEventListener("selected", (event) => {
  selected = new Set(event.detail);
  chart?.redraw(false);
});
document.getElementById("regions").closest("details").addEventListener("toggle", (event) => {
  if (event.target.open && answer?.since) htmx.ajax("GET", place.dataset.regions, { target: "#regions", swap: "innerHTML" });
});
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  follow();
}, { rootMargin: "200px" }).observe(place);
new ResizeObserver(() => chart && chart.width !== plane.clientWidth && draw()).observe(plane);
function redraw() {
  if (!answer) return;
  rescale();
  draw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
for (const [name, state] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(name, () => {
    printing = state;
    redraw();
  });
}
