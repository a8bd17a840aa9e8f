// How a map is painted: a circle per molecule in the colour of its value or of its group, marks, and the letters of regions.
const [LEVELS, TOGETHER] = [24, 20]; // colours, and circles in a path
const RADIUS = 2.6; // px of a point
// Cividis (Nuñez, Anderton and Renslow, PLOS ONE 13, e0199239, 2018), made for colour-blind readers, from dark to light.
const RAMP = ["#00224e", "#083370", "#35456c", "#4f576c", "#666970", "#7d7c78", "#948e77", "#aea371", "#c8b866", "#e5cf52", "#fee838"];
// The Okabe-Ito palette, as in reports; what comes after these is grey.
const GROUPS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dark = (view) => !view.printing && matchMedia("(prefers-color-scheme: dark)").matches;
export const groupColour = (i) => GROUPS[i] ?? css("--edge");

function mixed(share) {
  const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
  const [from, to] = [Math.floor(at), Math.ceil(at)].map((i) => [1, 3, 5].map((j) => parseInt(RAMP[i].slice(j, j + 2), 16)));
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * (at % 1))).join(" ")})`;
}

// On a light page the highest values are darkest, on a dark one lightest; the ends that would fade away are left out.
function ramp(view) {
  return Array.from({ length: LEVELS }, (_, i) => (dark(view) ? mixed(0.28 + (0.72 * i) / (LEVELS - 1)) : mixed(0.94 - (0.94 * i) / (LEVELS - 1))));
}

// Which points have which colour: `levels` are lists of points, the last of those without a value.
export function scaleOf(view) {
  const { values } = view.have;
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const groups = view.answer.groups.length;
  const quantile = (share) => known[Math.round(share * (known.length - 1))] ?? 0;
  let [low, high] = [quantile(0.02), quantile(0.98)];
  if (!(high > low)) [low, high] = [quantile(0), quantile(1)];
  const span = high > low ? high - low : 1;
  const number = groups || LEVELS;
  const level = (value) => (groups ? value : Math.min(LEVELS - 1, Math.max(0, Math.floor(((value - low) / span) * LEVELS))));
  const levels = Array.from({ length: number + 1 }, () => []);
  values.forEach((value, i) => levels[value === null ? number : level(value)].push(i));
  const colours = groups ? view.answer.groups.map((_, i) => groupColour(i)) : ramp(view);
  return { low, high, colours, levels, least: known[0], most: known.at(-1), known: known.length };
}

function toPixel(u, have) {
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

// Of groups each has its turn, so that none hides the others: [level, points].
function turns(levels, of) {
  if (!of) return levels.map((points, level) => [level, points]);
  const step = Math.max(TOGETHER, ...levels.map((points) => Math.ceil(points.length / 50)));
  const found = [];
  for (let first = 0; levels.some((points) => first < points.length); first += step) {
    levels.forEach((points, level) => found.push([level, points.slice(first, first + step)]));
  }
  return found;
}

export function paint(u, view) {
  const { ctx } = u;
  const { have, scale } = view;
  const pixel = toPixel(u, have);
  const unit = uPlot.pxRatio;
  const radius = (have.ids.length > 5000 ? 0.75 : 1) * RADIUS * unit;
  const last = scale.levels.length - 1;
  ctx.lineWidth = unit;
  const put = (level, points) => {
    ctx.fillStyle = ctx.strokeStyle = level === last ? css("--edge") : scale.colours[level];
    ctx.globalAlpha = view.shown !== null && level !== view.shown ? 0.12 : 1;
    const full = (i) => have.like[i] && level < last;
    circles(points.filter(full), pixel, radius, (path) => ctx.fill(path));
    circles(points.filter((i) => !full(i)), pixel, radius, (path) => ctx.stroke(path));
  };
  for (const [level, points] of turns(scale.levels, view.answer.groups.length)) if (level !== view.shown) put(level, points);
  if (view.shown !== null) put(view.shown, scale.levels[view.shown]); // above all others
  ctx.globalAlpha = 1;
  ctx.save();
  marks(ctx, view, pixel, unit);
  letters(ctx, u, view, unit);
  ctx.restore();
}

function marks(ctx, view, pixel, unit) {
  const { have, answer, selected, printing } = view;
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

function letters(ctx, u, { answer, printing }, unit) {
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
