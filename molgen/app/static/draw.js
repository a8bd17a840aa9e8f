// The dialog that draws what a field takes as text: one line of it, or a new one. Nothing is written before it is used.
import { Sketchpad } from "./sketchpad.js";

const by = (id) => document.getElementById(id);
const [dialog, which, use, problem, note, told] = ["drawing", "drawing-which", "drawing-use", "drawing-problem", "drawing-note", "drawing-text"].map(by);
let field = null;
let drawn = null; // the text of the drawing, once something was drawn

const pad = new Sketchpad(by("drawing-place"), (answer) => {
  problem.textContent = answer.problem ?? "";
  note.textContent = answer.note ?? "";
  if (answer.note !== undefined) return;
  drawn = answer.problem ? null : answer.text;
  told.textContent = drawn ?? "";
  use.disabled = drawn === null;
});

function lines() {
  return field.value.split("\n").filter((line) => line.trim());
}

function show() {
  drawn = null;
  use.disabled = true;
  const text = (lines()[Number(which.value)] ?? "").trim();
  told.textContent = text;
  problem.textContent = note.textContent = "";
  pad.show(text, field.dataset.draw);
}

function choices() {
  const known = lines();
  const caret = field.value.slice(0, field.selectionStart).split("\n").filter((line) => line.trim()).length - 1;
  which.replaceChildren(...known.map((line, i) => new Option(line, i)));
  if (field.tagName === "TEXTAREA") which.append(new Option("a new one", known.length));
  which.value = Math.min(Math.max(caret, 0), Math.max(known.length - 1, 0));
  by("drawing-choice").hidden = field.tagName !== "TEXTAREA" || !known.length;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-draws]");
  if (!opener) return;
  field = by(opener.dataset.draws);
  by("drawing-title").textContent = opener.getAttribute("aria-label");
  by("drawing-about").textContent = field.dataset.draw === "smarts" ? by("drawing-about").dataset.smarts : "";
  choices();
  dialog.showModal();
  show();
});
which.addEventListener("change", show);
use.addEventListener("click", () => {
  const known = lines();
  if (drawn) known[Number(which.value || 0)] = drawn;
  else known.splice(Number(which.value || 0), 1);
  field.value = known.join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  dialog.close();
});
