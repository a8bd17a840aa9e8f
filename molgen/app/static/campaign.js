// The best molecules as they come, and the panel of one molecule.
const best = document.getElementById("best");
const panel = document.getElementById("molecule");
const content = document.getElementById("molecule-content");

// Each part is the source of its own requests: of these one is under way at a time, and of those that wait the last counts.
// The card that has the focus keeps it; one that leaves gives it to the card that takes its place.
const cards = () => [...best.querySelectorAll("article[data-call]")];
let held = null;
best.addEventListener("htmx:beforeSwap", () => {
  const at = cards().findIndex((card) => card.contains(document.activeElement));
  const card = cards()[at];
  held = card && { at, call: card.dataset.call, button: [...card.querySelectorAll("button")].indexOf(document.activeElement) };
});
best.addEventListener("htmx:afterSwap", () => {
  if (!held) return;
  const next = cards().find((card) => card.dataset.call === held.call) ?? cards()[Math.min(held.at, cards().length - 1)];
  next?.querySelectorAll("button")[Math.max(held.button, 0)].focus();
});
best.addEventListener("changed", () => {
  const seen = document.getElementById("cards").dataset.key;
  htmx.ajax("GET", `${best.dataset.url}?seen=${seen}`, { source: best, target: best, swap: "innerHTML" });
});

// Charts that take a second to draw: once they are looked at, and while a campaign runs every ten seconds at most.
const charts = document.getElementById("charts");
let drawn = { stamp: "", at: -Infinity };
async function draw() {
  if (!charts.open || charts.dataset.stamp === drawn.stamp || performance.now() - drawn.at < 10_000) return;
  drawn = { stamp: charts.dataset.stamp, at: performance.now() };
  await htmx.ajax("GET", charts.dataset.url, { source: charts, target: "#charts-place", swap: "innerHTML" });
}
charts?.addEventListener("toggle", draw);
charts?.addEventListener("changed", draw);
if (charts) setInterval(draw, 10_000); // the last molecules, too

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-molecule]");
  if (!opener) {
    if (event.target === panel) panel.close(); // beside it
    return;
  }
  const of = opener.dataset.of ?? (content.contains(opener) ? content.dataset.of : undefined); // where there are several campaigns
  const name = of === undefined ? best.dataset.name : `${of.split("/").map(encodeURIComponent).join("/")}?judged=false`;
  if (of !== undefined) content.dataset.of = of;
  htmx.ajax("GET", `${best.dataset.molecules}/${opener.dataset.molecule}/${name}`, { source: content, target: content, swap: "innerHTML" });
});
content.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== content) return; // a part of it, such as an explanation
  panel.scrollTop = 0;
  if (!panel.open) panel.showModal();
});
