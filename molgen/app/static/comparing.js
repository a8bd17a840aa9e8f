// Which molecules are to be put beside each other: a tray that the browser remembers, and what leads from it to their comparison.
import { tell } from "./toast.js";

const [tray, pictures, count, go] = ["tray", "tray-pictures", "tray-count", "tray-go"].map((id) => document.getElementById(id));
const MOST = 6; // side by side
const KEPT = `compare ${tray.dataset.of}`;
const WORD = tray.dataset.word; // what a molecule has a number of
const beside = tray.dataset.beside ?? ""; // on the page that compares: the numbers there
const compared = new Map(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")); // number -> SMILES

if (beside) put([...document.querySelectorAll("#beside th[data-call]")].map((head) => [head.dataset.call, head.dataset.smiles]));

function put(rows) {
  compared.clear();
  for (const [number, smiles] of rows) compared.set(String(number), smiles);
}

function toggle(number, smiles) {
  if (!compared.delete(number)) {
    if (!smiles) return tell(`The ${WORD} ${number} has no molecule.`);
    if (compared.size === MOST) return tell(`At most ${MOST} molecules are compared.`);
    compared.set(number, smiles);
  }
  show();
}

function show() {
  sessionStorage.setItem(KEPT, JSON.stringify([...compared]));
  const chosen = [...compared.keys()].join(",");
  tray.hidden = !compared.size || chosen === beside;
  document.body.classList.toggle("with-tray", !tray.hidden);
  count.textContent = compared.size === 1 ? "1 molecule; choose another beside it" : `${compared.size} molecules`;
  go.href = `${tray.dataset.url}?of=${chosen}`;
  go.toggleAttribute("aria-disabled", compared.size < 2);
  pictures.replaceChildren(
    ...[...compared].map(([number, smiles]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "tile";
      button.setAttribute("aria-label", `Compare no longer: the molecule of ${WORD} ${number}`);
      const image = document.createElement("img");
      [image.width, image.height, image.alt] = [60, 42, ""];
      image.src = `/molecule.svg?smiles=${encodeURIComponent(smiles)}&width=120&height=84`;
      button.append(image);
      button.addEventListener("click", () => toggle(number, smiles));
      return button;
    }),
  );
  for (const button of document.querySelectorAll("[data-compare][aria-pressed]")) {
    button.setAttribute("aria-pressed", compared.has(button.closest("[data-call]")?.dataset.call));
  }
}

go.addEventListener("click", (event) => {
  if (compared.size < 2) event.preventDefault();
});
document.getElementById("tray-clear").addEventListener("click", () => {
  compared.clear();
  show();
});
document.addEventListener("click", (event) => {
  const part = event.target.closest("button[data-compare]")?.closest("[data-call]");
  if (part) toggle(part.dataset.call, part.dataset.smiles);
});

// A key counts where a molecule has the focus, and nowhere else.
document.addEventListener("keydown", (event) => {
  if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const part = event.target.closest("[data-call]") ?? (event.target.closest("#molecule") && document.querySelector("#molecule [data-call]"));
  if (!part || document.querySelector("dialog.narrow[open]") || part.closest("#beside")) return;
  event.preventDefault();
  toggle(part.dataset.call, part.dataset.smiles);
});
document.addEventListener("compare-selected", (event) => {
  put(event.detail); // of the table: [number, SMILES]
  show();
  location.assign(go.href);
});
document.getElementById("best").addEventListener("htmx:afterSwap", show);
document.getElementById("molecule-content").addEventListener("htmx:afterSwap", show);
show();
