// The map: a point per molecule, coloured by a column, which grows with a running campaign without moving what is there.
import { follower } from "./following.js";
import { groupColour, paint, scaleOf } from "./map_paint.js";

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
const table = document.getElementById("table"); // not where campaigns are compared
const groups = document.getElementById("map-groups");
const WORD = place.dataset.word;
const [REACH, EDGE] = [14, 14]; // px from which a point is found, and around all
const FIELDS = ["ids", "smiles", "x", "y", "like", "values", "scores", "runs", "calls"];

// What is on the map: points, the last answer that had some, their colours, what is selected, and the group that stands out.
const view = { have: empty(), answer: null, scale: null, selected: new Set(), printing: false, shown: null };
let chart = null;
let at = -1; // the point that is told of
let seen = false;

function empty() {
  return Object.fromEntries(FIELDS.map((name) => [name, []]));
}

const number = (value) => (value == null ? "–" : Number.isInteger(value) ? value.toLocaleString("en") : value.toPrecision(3));

function rescale() {
  const scale = (view.scale = scaleOf(view));
  const of = view.answer.groups;
  document.getElementById("map-scale").hidden = !scale.known || of.length > 0;
  document.getElementById("map-marks").hidden = false;
  document.getElementById("map-low").textContent = `${scale.least < scale.low ? "≤ " : ""}${number(scale.low)}`;
  document.getElementById("map-high").textContent = `${scale.most > scale.high ? "≥ " : ""}${number(scale.high)}`;
  document.getElementById("map-ramp").style.background = `linear-gradient(to right, ${scale.colours.join(", ")})`;
  if (view.shown >= of.length) view.shown = null;
  groups.hidden = !of.length;
  groups.replaceChildren(...of.map((name, i) => chip(name, i, scale.levels[i].length)));
}

// A group of molecules: pressed, it stands out from the others.
function chip(name, i, many) {
  const button = document.createElement("button");
  const swatch = document.createElement("span");
  [button.type, button.className, swatch.className] = ["button", "chip group", "swatch"];
  button.setAttribute("aria-pressed", view.shown === i);
  swatch.style.background = groupColour(i);
  button.append(swatch, `${name} (${many.toLocaleString("en")})`);
  button.addEventListener("click", () => {
    view.shown = view.shown === i ? null : i;
    [...groups.children].forEach((each, j) => each.setAttribute("aria-pressed", view.shown === j));
    chart?.redraw(false);
  });
  return button;
}

function ends(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

// The same number of px for a distance in both directions.
function ranges({ width, height }) {
  const [[left, right], [low, high]] = [ends(view.have.x), ends(view.have.y)];
  const unit = Math.max((right - left) / (width - 2 * EDGE), (high - low) / (height - 2 * EDGE), 1e-6);
  const around = (middle, length) => [middle - (unit * length) / 2, middle + (unit * length) / 2];
  return [around((left + right) / 2, width), around((low + high) / 2, height)];
}

function size() {
  const width = Math.max(plane.clientWidth, 100);
  const [[left, right], [low, high]] = [ends(view.have.x), ends(view.have.y)];
  const height = (width - 2 * EDGE) * ((high - low) / Math.max(right - left, 1e-6)) + 2 * EDGE;
  return { width, height: Math.round(Math.min(Math.max(height, 240), 600)) };
}

function draw() {
  if (!view.answer) return;
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
        cursor: { points: { show: false }, x: false, y: false, dataIdx: () => null, drag: { x: table !== null, y: table !== null, dist: 4, setScale: false } },
        series: [null, { facets: [{ scale: "x", auto: false }, { scale: "y", auto: false }], paths: () => null }],
        hooks: { draw: [(u) => paint(u, view)], setCursor: [({ cursor }) => pointed(cursor.left, cursor.top)], setSelect: [({ select }) => brushed(select)] },
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
  return [chart.valToPos(view.have.x[i], "x"), chart.valToPos(view.have.y[i], "y")];
}

// The point that is nearest to a place, as `far` tells distances.
function nearest(far) {
  let [best, found] = [Infinity, -1];
  for (let i = 0; i < view.have.ids.length; i += 1) {
    const distance = far(i);
    if (distance < best) [best, found] = [distance, i];
  }
  return [found, best];
}

function pointed(left, top) {
  if (left < 0 || !view.answer) return;
  const [x, y] = [chart.posToVal(left, "x"), chart.posToVal(top, "y")];
  const [found, distance] = nearest((i) => (view.have.x[i] - x) ** 2 + (view.have.y[i] - y) ** 2);
  const reach = chart.posToVal(REACH, "x") - chart.posToVal(0, "x");
  tell(distance <= reach ** 2 ? found : -1);
}

// What tells a molecule from others: its number, and its campaign where there are several.
function called(i) {
  const { sources } = view.answer;
  return sources.length ? [sources[view.have.runs[i]], `call ${view.have.calls[i]}`] : [`${WORD} ${view.have.ids[i]}`];
}

let waiting = 0;
function tell(i, aloud = false) {
  if (i === at) return;
  at = i;
  tip.hidden = i < 0;
  clearTimeout(waiting);
  if (i < 0) return;
  const shown = colourBy.selectedOptions[0];
  const lines = [...called(i), `score ${view.have.scores[i] == null ? "–" : view.have.scores[i].toFixed(3)}`];
  if (!["score", "id", "run"].includes(shown.value)) lines.push(`${shown.textContent}: ${number(view.have.values[i])}`);
  about.textContent = lines.join(" · ");
  drawing.removeAttribute("src");
  drawing.alt = view.have.smiles[i];
  waiting = setTimeout(() => (drawing.src = `/molecule.svg?smiles=${encodeURIComponent(view.have.smiles[i])}&width=200&height=140`), 40);
  const [x, y] = offset(i);
  const [left, top] = [plane.offsetLeft + x, plane.offsetTop + y];
  tip.style.left = `${Math.max(4, left + 14 + tip.offsetWidth > place.clientWidth ? left - tip.offsetWidth - 14 : left + 14)}px`;
  tip.style.top = `${Math.max(4, Math.min(top - 40, place.clientHeight - tip.offsetHeight - 4))}px`;
  if (aloud) said.textContent = `${lines.join(", ")}: ${view.have.smiles[i]}`;
}

function open() {
  if (at < 0) return;
  const { sources } = view.answer;
  opener.dataset.molecule = sources.length ? view.have.calls[at] : view.have.ids[at];
  if (sources.length) opener.dataset.of = sources[view.have.runs[at]];
  opener.click();
}

function brushed({ left, top, width, height }) {
  if (width < 4 || height < 4) return;
  const [x0, x1] = [left, left + width].map((value) => chart.posToVal(value, "x"));
  const [y1, y0] = [top, top + height].map((value) => chart.posToVal(value, "y"));
  const within = view.have.ids.map((_, i) => i).filter((i) => view.have.x[i] >= x0 && view.have.x[i] <= x1 && view.have.y[i] >= y0 && view.have.y[i] <= y1);
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (!table) return;
  table.dispatchEvent(new CustomEvent("select", { detail: within.map((i) => [view.have.ids[i], view.have.smiles[i]]) }));
  said.textContent = `${within.length.toLocaleString("en")} molecules selected in the table`;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
plane.addEventListener("keydown", (event) => {
  if (!view.answer || event.ctrlKey || event.metaKey || event.altKey) return;
  const way = WAYS[event.key];
  if (way && at >= 0) {
    const [found] = nearest((i) => {
      const [dx, dy] = [view.have.x[i] - view.have.x[at], view.have.y[i] - view.have.y[at]];
      const ahead = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
    });
    if (found >= 0) tell(found, true);
  } else if (way || event.key === "Home") {
    tell(nearest((i) => -(view.have.scores[i] ?? -Infinity))[0], true);
  } else if (event.key === "Enter") open();
  else if (event.key === "Escape") tell(-1);
  else return;
  event.preventDefault();
});
plane.addEventListener("blur", () => tell(-1));

function words() {
  const shown = view.have.ids.length;
  const parts = [shown < view.answer.all ? `${shown.toLocaleString("en")} of ${view.answer.all.toLocaleString("en")} molecules.` : `${shown.toLocaleString("en")} molecules.`];
  if (view.answer.faithful) {
    const [trust, near, any] = view.answer.faithful.map((value) => value.toFixed(2));
    parts.push(`A molecule and its nearest on the map have a Tanimoto similarity of ${near} (median), any two of ${any}; trustworthiness ${trust}, where 1 is perfect and 0.5 is chance.`);
  }
  if (view.answer.since) parts.push(`${view.answer.since.toLocaleString("en")} came after the map was laid out, and lie beside what they are most similar to.`);
  if (view.answer.unlike) parts.push(`${view.answer.unlike.toLocaleString("en")} are unlike all that it was laid out with: their place says little.`);
  note.textContent = parts.join(" ");
  anew.hidden = !place.dataset.anew || (!view.answer.since && shown === view.answer.all);
}

const WAITING = {
  waiting: () => "The map is being laid out; that takes half a minute for thousands of molecules.",
  few: (found) => `The map begins with ${found.missing.toLocaleString("en")} more molecules.`,
  failed: (found) => found.said,
};

async function ask() {
  if (!seen) return;
  const asked = new URLSearchParams({ colour: colourBy.value, version: view.answer?.version ?? "", have: view.have.ids.length });
  const told = await fetch(address(place.dataset.url, asked)).catch(() => null);
  if (!told?.ok) {
    note.textContent = told ? await told.text() : "The page's server doesn't answer.";
    return;
  }
  const found = await told.json();
  if (found.state === "ready") take(found);
  else if (!view.answer) note.textContent = WAITING[found.state](found);
  if (found.state === "waiting") soon(700);
}

function address(url, asked) {
  return `${url}${url.includes("?") ? "&" : "?"}${asked}`;
}

const { now: follow, soon } = follower(ask);

function take(found) {
  const begun = found.layout !== view.answer?.layout;
  const marked = JSON.stringify(found.marks) !== JSON.stringify(view.answer?.marks);
  const others = found.first === 0 || found.version !== view.answer?.version;
  if (others) {
    view.have = empty();
    tell(-1);
  }
  for (const name of FIELDS) for (const value of found[name] ?? []) view.have[name].push(value);
  view.answer = found;
  words();
  if (begun) htmx.ajax("GET", place.dataset.regions, { source: "#regions", target: "#regions", swap: "innerHTML" });
  if (!others && !marked && !found.ids.length) return;
  rescale();
  requestAnimationFrame(draw); // a task of its own
}

colourBy.addEventListener("change", follow);
anew.addEventListener("click", async () => {
  anew.hidden = true;
  note.textContent = WAITING.waiting();
  await fetch(place.dataset.anew, { method: "POST" });
  view.answer = null;
  follow();
});
for (const part of [place, ...document.querySelectorAll("[data-tells=map]")]) part.addEventListener("changed", () => soon(view.have.ids.length > 5000 ? 5000 : 2000));
place.addEventListener("judged", () => soon(0));
document.addEventListener("selected", (event) => {
  view.selected = new Set(event.detail);
  chart?.redraw(false);
});
document.getElementById("regions").closest("details").addEventListener("toggle", (event) => {
  if (event.target.open && view.answer?.since) htmx.ajax("GET", place.dataset.regions, { source: "#regions", target: "#regions", swap: "innerHTML" });
});
new IntersectionObserver(([entry]) => {
  seen = entry.isIntersecting;
  follow();
}, { rootMargin: "200px" }).observe(place);
new ResizeObserver(() => chart && chart.width !== plane.clientWidth && draw()).observe(plane);
function redraw() {
  if (!view.answer) return;
  rescale();
  draw();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
for (const [name, state] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(name, () => {
    view.printing = state;
    redraw();
  });
}
