// The best molecules as they come, and the panel of one molecule.
const best = document.getElementById("best");
const panel = document.getElementById("molecule");
const content = document.getElementById("molecule-content");

best.addEventListener("changed", () => {
  const seen = document.getElementById("cards").dataset.key;
  htmx.ajax("GET", `${best.dataset.url}?seen=${seen}`, { target: best, swap: "innerHTML" });
});

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-molecule]");
  if (!opener) {
    if (event.target === panel) panel.close(); // beside it
    return;
  }
  await htmx.ajax("GET", `${best.dataset.molecules}/${opener.dataset.molecule}/${best.dataset.name}`, { target: content, swap: "innerHTML" });
  panel.scrollTop = 0;
  if (!panel.open) panel.showModal();
});
