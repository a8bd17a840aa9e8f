// The best molecules as they come, and the panel of one molecule.
const best = document.getElementById("best");
const panel = document.getElementById("molecule");
const content = document.getElementById("molecule-content");

// The card that has the focus keeps it; one that leaves gives it to the card that takes its place.
best.addEventListener("changed", async () => {
  const cards = () => [...best.querySelectorAll("article[data-call]")];
  const at = cards().findIndex((card) => card.contains(document.activeElement));
  const focused = cards()[at];
  const button = focused && [...focused.querySelectorAll("button")].indexOf(document.activeElement);
  const seen = document.getElementById("cards").dataset.key;
  await htmx.ajax("GET", `${best.dataset.url}?seen=${seen}`, { target: best, swap: "innerHTML" });
  if (!focused || focused.isConnected) return;
  const next = cards().find((card) => card.dataset.call === focused.dataset.call) ?? cards()[Math.min(at, cards().length - 1)];
  next?.querySelectorAll("button")[Math.max(button, 0)].focus();
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

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-molecule]");
  if (!opener) {
    if (event.target === panel) panel.close(); // beside it
    return;
  }
  const of = opener.dataset.of ?? (content.contains(opener) ? content.dataset.of : undefined); // where there are several campaigns
  const name = of === undefined ? best.dataset.name : `${of.split("/").map(encodeURIComponent).join("/")}?judged=false`;
  if (of !== undefined) content.dataset.of = of;
  await htmx.ajax("GET", `${best.dataset.molecules}/${opener.dataset.molecule}/${name}`, { target: content, swap: "innerHTML" });
  panel.scrollTop = 0;
  if (!panel.open) panel.showModal();
});
