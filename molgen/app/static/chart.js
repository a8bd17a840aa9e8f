// Score over calls, which follows a running campaign.
import { follower } from "./following.js";

const place = document.getElementById("chart");
const data = [[], [], [], []];
const HEIGHT = 300;
let chart = null;
let learnt = null;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const three = (_, value) => (value == null ? "–" : value.toFixed(3));

function draw() {
  chart?.destroy();
  const [ink, faint, line, accent] = ["--ink", "--faint", "--line", "--accent"].map(colour);
  const axis = { stroke: faint, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 18 };
  chart = new uPlot(
    {
      width: place.clientWidth - 20,
      height: HEIGHT,
      scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 1, 0.1) * 1.04] } },
      axes: [{ ...axis, label: "oracle calls" }, { ...axis, label: "score", size: 48 }],
      cursor: { drag: { x: true, y: false } },
      series: [
        { label: "call" },
        { label: "score", stroke: faint, paths: () => null, points: { show: true, size: 3, width: 0, fill: `${faint}80` }, value: three },
        { label: "best", stroke: "#e69f00", width: 1.5, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, value: three },
        { label: "ten best", stroke: accent, width: 2.5, points: { show: false }, value: three },
      ],
    },
    data,
    place,
  );
}

async function ask() {
  const answer = await fetch(`${place.dataset.url}?after=${data[0].at(-1) ?? 0}`).catch(() => null); // the bar says that it is gone
  if (!answer?.ok) return false;
  const more = await answer.json();
  const anew = learnt !== null && more.learnt !== learnt; // all was scored anew
  learnt = more.learnt;
  if (anew) data.forEach((values) => (values.length = 0));
  else ["calls", "score", "best", "top10"].forEach((name, i) => data[i].push(...more[name]));
  if (data[0].length) {
    chart.setData(data);
    place.setAttribute("aria-label", `Score over calls: the best is ${three(null, data[2].at(-1))} after ${data[0].at(-1)} calls`);
  }
  return anew;
}

const follow = follower(ask).now;
draw();
follow();
place.addEventListener("changed", follow);
new ResizeObserver(() => chart.setSize({ width: place.clientWidth - 20, height: HEIGHT })).observe(place);
for (const looks of ["(prefers-color-scheme: dark)", "print"]) matchMedia(looks).addEventListener("change", draw);
